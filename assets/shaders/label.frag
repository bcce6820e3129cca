#version 330
// A painted image with premultiplied alpha, the stem that ties it to its anchor, and a dot there.

uniform sampler2D image;
uniform float strength;
uniform vec4 stem_colour;
uniform float flash;                // 0: steady; 1: breathes, for an alarm
uniform float time_s;
in vec2 uv;
out vec4 result;

void main() {
    float pulse = 1.0 - flash * 0.22 * (0.5 + 0.5 * sin(time_s * 6.2832));
    float away = length(uv + 7.0);
    float edge = fwidth(away);      // outside of branches, where derivatives are defined
    if (uv.x < -5.0) {              // dot: uv from -8 to -6 around its middle
        float cover = 1.0 - smoothstep(1.0 - edge, 1.0, away);
        vec3 inner = away > 0.62 ? vec3(0.02) : stem_colour.rgb * pulse;
        result = vec4(inner, 1.0) * cover * strength;
    } else if (uv.x < -0.5) {       // stem: dark edges so that it shows on any ground
        float side = abs(uv.x + 2.0);
        vec3 line = side > 0.5 ? vec3(0.02) : stem_colour.rgb;
        result = vec4(line, 1.0) * 0.85 * strength;
    } else {
        vec4 colour = texture(image, uv, -0.6);     // small print: rather sharp than soft
        result = vec4(colour.rgb * pulse, colour.a) * strength;
    }
}
