#version 330
// Hands, arcs and landing rings: plain shapes in one colour, a little lit from above.

uniform mat4 p3d_ModelViewProjectionMatrix;
uniform mat4 p3d_ModelMatrix;

in vec4 p3d_Vertex;
in vec3 p3d_Normal;
out float light;

void main() {
    vec3 normal = mat3(p3d_ModelMatrix) * p3d_Normal;
    light = length(normal) > 1e-6 ? 0.75 + 0.25 * normalize(normal).z : 1.0;
    gl_Position = p3d_ModelViewProjectionMatrix * p3d_Vertex;
}
