#version 330
// Closes the edge of sight while somebody is moved, and all of it while they jump.

uniform float closed;               // 0: open, 1: a hole of 0.35 radians about the way ahead
uniform float dark;                 // 0: light, 1: black
in vec3 direction;
out vec4 result;

void main() {
    float angle = acos(clamp(normalize(direction).y, -1.0, 1.0));
    float rim = mix(1.5, 0.35, closed);
    float edge = smoothstep(rim, rim + 0.3, angle) * min(closed * 4.0, 1.0);
    result = vec4(0.0, 0.0, 0.0, max(edge, dark));
}
