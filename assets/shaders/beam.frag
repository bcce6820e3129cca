#version 330
// A bright core and a soft rim, in the member's colour.

uniform vec4 colour;
in float side;
in float along;
out vec4 result;

void main() {
    float s = abs(side);
    float core = 1.0 - smoothstep(0.15, 0.40, s);
    float glow = pow(1.0 - s, 2.0);
    vec3 light = mix(colour.rgb, vec3(1.0), 0.55 * core);
    float cover = max(core, 0.5 * glow);
    result = vec4(light * cover, 0.85 * cover);
}
