#version 330
// A sheet on a section plane, behind everything that was drawn.

uniform mat4 p3d_ModelViewProjectionMatrix;
uniform mat4 p3d_ModelMatrix;
in vec4 p3d_Vertex;
out vec3 place;

void main() {
    place = (p3d_ModelMatrix * p3d_Vertex).xyz;
    gl_Position = (p3d_ModelViewProjectionMatrix * p3d_Vertex).xyww;
}
