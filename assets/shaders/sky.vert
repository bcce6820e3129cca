#version 330
// A sphere around the eye, always behind everything.

uniform mat4 p3d_ModelViewProjectionMatrix;
in vec4 p3d_Vertex;
out vec3 direction;

void main() {
    direction = p3d_Vertex.xyz;
    gl_Position = (p3d_ModelViewProjectionMatrix * p3d_Vertex).xyww;
}
