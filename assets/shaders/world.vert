#version 330
// Every solid thing of the world: tiles, avatars, objects. Scene units are metres.

uniform mat4 p3d_ModelViewProjectionMatrix;
uniform mat4 p3d_ModelMatrix;

in vec4 p3d_Vertex;
in vec4 packed_normal;
in vec4 p3d_Color;

out vec3 scene_position;
out vec3 scene_normal;
out vec3 colour;
flat out int material;

void main() {
    vec4 world = p3d_ModelMatrix * p3d_Vertex;
    scene_position = world.xyz;
    vec3 normal = packed_normal.xyz * (255.0 / 127.0) - (128.0 / 127.0);
    scene_normal = mat3(p3d_ModelMatrix) * normal;
    colour = p3d_Color.rgb;
    material = int(p3d_Color.a * 255.0 + 0.5);
    gl_Position = p3d_ModelViewProjectionMatrix * p3d_Vertex;
}
