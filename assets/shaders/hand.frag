#version 330

uniform vec4 colour;                // not premultiplied
in float light;
out vec4 result;

void main() {
    result = vec4(colour.rgb * light * colour.a, colour.a);
}
