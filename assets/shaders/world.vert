#version 330
// Every solid thing of the world: tiles, avatars, objects. Scene units are metres.

uniform mat4 p3d_ModelViewProjectionMatrix;
uniform mat4 p3d_ModelMatrix;
uniform float field_shown;          // 1: the colours of the layer's scalar field
uniform sampler2D field_shares;     // where in the field's range each code is; the first: nowhere
uniform vec4 plain_colour;          // of a layer whose own colours are a field's; w 1: use it
uniform float wetness;              // how wet the layer is
uniform vec4 wet_places[4];         // where water gathers: xyz, w how far it wets the rock

in vec4 p3d_Vertex;
in vec4 packed_normal;   // w: the code of the scalar field, 0 without a value
in vec4 p3d_Color;
in vec2 p3d_MultiTexCoord0;

out vec3 scene_position;
out vec3 scene_normal;
out vec3 colour;
out vec4 surface;   // bump, variation of colour, gloss, wetness: blended between vertices
out vec4 place_in;   // place in the picture, share of the field's range, 1 where it has a value
flat out int material;

//                              plain rock  shot  conc  steel mesh  soil  grav  water lamp  paint plas  ore   paste grass mud
const float BUMP[16] = float[16](0.0, 0.95, 0.55, 0.12, 0.04, 0.0,  0.5,  0.9,  0.10, 0.0,  0.03, 0.02, 0.95, 0.18, 0.6,  0.25);
const float VARY[16] = float[16](0.0, 0.55, 0.35, 0.25, 0.15, 0.0,  0.4,  0.6,  0.0,  0.0,  0.08, 0.05, 0.60, 0.20, 0.5,  0.35);
const float GLOSS[16] = float[16](.08, .10, .05,  .05,  .35,  .30,  .02,  .03,  1.0,  0.0,  .10,  .12,  .22,  .04,  .02,  .18);
const float SOAKS[16] = float[16](0.0, 0.9,  0.7,  0.5,  0.0,  0.0,  1.0,  0.9,  0.0,  0.0,  0.0,  0.0,  0.9,  0.5,  0.0,  1.0);

void main() {
    vec4 world = p3d_ModelMatrix * p3d_Vertex;
    scene_position = world.xyz;
    vec3 normal = packed_normal.xyz * (255.0 / 127.0) - (128.0 / 127.0);
    scene_normal = mat3(p3d_ModelMatrix) * normal;
    colour = p3d_Color.rgb;
    float code = packed_normal.w * 255.0;
    place_in = vec4(p3d_MultiTexCoord0, 0.0, code > 0.5 ? 1.0 : 0.0);
    material = int(p3d_Color.a * 255.0 + 0.5);
    int kind = clamp(material, 0, 15);
    float wet = wetness;
    for (int i = 0; i < 4; i++) {
        vec3 away = scene_position - wet_places[i].xyz;
        away.z = max(away.z, 0.0) * 3.0;    // what lies above the water dries soon
        wet = max(wet, 1.0 - length(away) / max(wet_places[i].w, 1e-3));
    }
    surface = vec4(BUMP[kind], VARY[kind], GLOSS[kind], SOAKS[kind] * wet);
    if (plain_colour.w > 0.5) colour = plain_colour.rgb;
    if (field_shown > 0.5) {
        // Nothing but the value decides the colour; values blend between vertices, not codes.
        place_in.z = texelFetch(field_shares, ivec2(int(code + 0.5), 0), 0).r;
        surface = vec4(0.0);
        material = 0;
    }
    gl_Position = p3d_ModelViewProjectionMatrix * p3d_Vertex;
}
