#version 330
// The rock that a section cuts: below the ground, hatched as every cut (world.frag).

in vec3 place;
out vec4 result;

const int CUTS = 6;
uniform vec3 eye_position;
uniform float pixel_rad;
uniform vec4 raster;
uniform sampler2D ground_heights;
uniform int cut_count;
uniform vec4 cuts[CUTS];
uniform int own;            // which of the planes this sheet lies on
uniform vec4 rock_tint;

void main() {
    for (int i = 0; i < cut_count; i++)
        if (i != own && dot(cuts[i].xyz, place) > cuts[i].w) discard;
    vec2 uv = (place.xy - raster.xy) * raster.zw;
    if (any(lessThan(uv, vec2(0.0))) || any(greaterThan(uv, vec2(1.0)))) discard;
    float ground = texture(ground_heights, uv).r;
    if (ground < -1e8 || place.z > ground) discard;
    float distance_m = length(eye_position - place);
    float spacing = exp2(ceil(log2(max(distance_m * pixel_rad, 1e-4) * 14.0)));
    float line = abs(fract(dot(place, vec3(0.617, 0.531, 0.581)) / spacing) - 0.5);
    result = vec4(sqrt(rock_tint.rgb * (line < 0.07 ? 0.75 : 1.0)), 1.0);
}
