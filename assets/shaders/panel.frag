#version 330
// A painted image with premultiplied alpha.

uniform sampler2D image;
uniform float strength;
in vec2 uv;
out vec4 result;

void main() {
    result = texture(image, uv) * strength;
}
