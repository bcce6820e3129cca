#version 330
// Every solid thing of the world: tiles, avatars, objects. Scene units are metres.

uniform mat4 p3d_ModelViewProjectionMatrix;
uniform mat4 p3d_ModelMatrix;

in vec4 p3d_Vertex;
in vec4 packed_normal;
in vec4 p3d_Color;
in vec2 p3d_MultiTexCoord0;

out vec3 scene_position;
out vec3 scene_normal;
out vec3 colour;
out vec3 surface;   // bump, variation of colour, gloss: blended between vertices
flat out int material;
out vec2 texcoord;

//                              plain rock  shot  conc  steel mesh  soil  grav  water lamp  paint plas  ore   paste grass mud
const float BUMP[16] = float[16](0.0, 0.95, 0.55, 0.12, 0.04, 0.0,  0.5,  0.9,  0.10, 0.0,  0.03, 0.02, 0.95, 0.18, 0.6,  0.25);
const float VARY[16] = float[16](0.0, 0.55, 0.35, 0.25, 0.15, 0.0,  0.4,  0.6,  0.0,  0.0,  0.08, 0.05, 0.60, 0.20, 0.5,  0.35);
const float GLOSS[16] = float[16](.08, .10, .05,  .05,  .35,  .30,  .02,  .03,  1.0,  0.0,  .10,  .12,  .22,  .04,  .02,  .18);

void main() {
    vec4 world = p3d_ModelMatrix * p3d_Vertex;
    scene_position = world.xyz;
    vec3 normal = packed_normal.xyz * (255.0 / 127.0) - (128.0 / 127.0);
    scene_normal = mat3(p3d_ModelMatrix) * normal;
    colour = p3d_Color.rgb;
    material = int(p3d_Color.a * 255.0 + 0.5);
    texcoord = p3d_MultiTexCoord0;
    int kind = clamp(material, 0, 15);
    surface = vec3(BUMP[kind], VARY[kind], GLOSS[kind]);
    gl_Position = p3d_ModelViewProjectionMatrix * p3d_Vertex;
}
