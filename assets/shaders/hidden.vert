#version 330
// What the lenses hide of an eye's picture, right before the eye: nothing behind it is drawn.
uniform mat4 p3d_ModelViewProjectionMatrix;
in vec4 p3d_Vertex;

void main() {
    gl_Position = p3d_ModelViewProjectionMatrix * p3d_Vertex;
}
