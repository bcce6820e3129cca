#version 330
// Sky over the mine; a dim backdrop where the twin has no ground surface.

in vec3 direction;
out vec4 result;
uniform vec3 sun_direction;
uniform float has_ground;
uniform float dim;          // 1: rock is looked through, and a bright sky would outshine its edges

void main() {
    vec3 d = normalize(direction);
    vec3 high = vec3(0.24, 0.42, 0.70), low = vec3(0.74, 0.81, 0.87), ground = vec3(0.66, 0.72, 0.77);
    vec3 sky = mix(low, high, pow(clamp(d.z, 0.0, 1.0), 0.55));
    sky = mix(sky, ground, smoothstep(0.0, -0.08, d.z));
    float sun = max(dot(d, sun_direction), 0.0);
    sky += vec3(1.0, 0.9, 0.7) * (0.25 * pow(sun, 24.0) + 1.2 * smoothstep(0.9994, 0.9998, sun));
    vec3 backdrop = mix(vec3(0.07, 0.08, 0.10), vec3(0.16, 0.18, 0.22), 0.5 + 0.5 * d.z);
    result = vec4(mix(backdrop, sky, has_ground * (1.0 - dim)) * (1.0 - 0.6 * dim), 1.0);
}
