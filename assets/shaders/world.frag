#version 330
// Light by headlamp, mine lamps and sky; rock, wire mesh and water by their material number
// (scenes.geometry.MATERIALS). Depends only on the frame state, so that every eye and wall agrees.

in vec3 scene_position;
in vec3 scene_normal;
in vec3 colour;
in vec3 surface;   // bump, variation of colour, gloss
flat in int material;
in vec2 texcoord;

out vec4 result;

const int LAMPS = 6;

uniform vec3 eye_position;
uniform vec3 headlamp_position;
uniform vec3 headlamp_direction;
uniform float headlamp_strength;
uniform vec4 lamps[LAMPS];          // xyz position, w strength
uniform int lamp_count;             // those that shine here
uniform vec3 sun_direction;         // towards the sun
uniform float eye_in_open;          // 1 under the sky, 0 under ground
uniform float open_default;         // how open a place is where the twin has no ground surface
uniform vec4 raster;                // low east, low north, 1 / width, 1 / height
uniform sampler2D ground_heights;   // lowest ground; below -1e8 where there is none
uniform sampler3D noise;            // rgb gradient, a value; tiles
uniform float time_s;
uniform float outdoors;             // 1: the layer is ground, under the sky whatever the raster says
uniform float opacity;
uniform sampler2D p3d_Texture0;     // of a textured primitive, linear when sampled
uniform float textured;             // 1: the picture is the colour
uniform float dust;                 // share of the light lost in every metre
uniform float smoke;                // 0 clear .. 1 thick

const int MESH = 5, WATER = 8, LAMP = 9;
vec3 to_linear(vec3 c) { return c * (c * (c * 0.305306 + 0.682171) + 0.012523); }

float open_to_sky(vec3 p) {
    vec2 uv = (p.xy - raster.xy) * raster.zw;
    if (any(lessThan(uv, vec2(0.0))) || any(greaterThan(uv, vec2(1.0)))) return open_default;
    float height = texture(ground_heights, uv).r;
    if (height < -1e8) return open_default;
    return 1.0 - smoothstep(1.5, 7.0, height - p.z);
}

void main() {
    vec3 to_eye = eye_position - scene_position;
    float distance_m = length(to_eye);
    vec3 view = to_eye / max(distance_m, 1e-3);

    // Points have no face: they look at the eye.
    vec3 across = cross(dFdx(scene_position), dFdy(scene_position));
    vec3 face = dot(across, across) > 0.0 ? normalize(across) : view;
    if (dot(face, view) < 0.0) face = -face;
    vec3 n = dot(scene_normal, scene_normal) < 0.2 ? face : normalize(scene_normal);
    if (dot(n, view) < -0.2) n = -n;

    vec3 albedo = textured > 0.5 ? texture(p3d_Texture0, texcoord).rgb : to_linear(colour);
    if (material == LAMP) {
        float glow = 5.0 / (1.0 + 0.004 * distance_m * distance_m) + 1.0;
        result = vec4(sqrt(min(albedo * glow, vec3(1.0))), opacity);
        return;
    }

    // Welded mesh: 100 mm squares of 6 mm wire, thinned to a pattern of dots with distance.
    if (material == MESH) {
        vec3 a = abs(face);
        vec2 uv = a.z > 0.6 ? scene_position.xy : (a.x > a.y ? scene_position.yz : scene_position.xz);
        uv *= 10.0;
        vec2 width = fwidth(uv);
        vec2 line = abs(fract(uv) - 0.5);
        vec2 wire = 1.0 - smoothstep(vec2(0.045), vec2(0.045) + width, 0.5 - line);
        float cover = max(wire.x, wire.y) * clamp(0.35 / max(max(width.x, width.y), 0.35), 0.0, 1.0);
        float dither = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
        if (cover < 0.08 + 0.9 * dither) discard;
    }

    // Surface detail that the triangles do not carry, fading where it would shimmer.
    float detail = exp(-distance_m * 0.02);
    if (surface.x > 0.001) {
        vec3 p = scene_position;
        if (material == WATER) {
            p = vec3(p.xy * 0.6 + 0.05 * time_s, 0.11 * time_s);
            n = vec3(0.0, 0.0, 1.0);
        }
        // Three scales that share no period: a repeat would show from the air.
        float far = 1.0 - exp(-distance_m * 0.004);
        vec4 vast = texture(noise, p.yzx * 0.00173) * 2.0 - 1.0;
        vec4 fine = texture(noise, p * 0.095 + vast.a * 0.2) * 2.0 - 1.0;
        vec3 bend = vast.rgb * 0.25 * far + fine.rgb * detail;
        float tint = vast.a * 0.6 * far + fine.a * 0.6 * detail;
        if (distance_m < 16.0 && material != WATER) {
            vec4 grain = texture(noise, p.zxy * 0.61) * 2.0 - 1.0;
            float near = 1.0 - distance_m / 16.0;
            bend += grain.rgb * 0.9 * near;
            tint += grain.a * 0.6 * near;
        }
        n = normalize(n + surface.x * (bend - dot(bend, n) * n));
        albedo *= clamp(1.0 + surface.y * tint * 1.6, 0.15, 2.0);
    }

    float open = max(open_to_sky(scene_position), outdoors);
    float gloss = surface.z;

    // Sky and sun.
    vec3 sky = mix(vec3(0.16, 0.15, 0.13), vec3(0.30, 0.37, 0.48), 0.5 + 0.5 * n.z);
    float sun = max(dot(n, sun_direction), 0.0);
    vec3 light = open * (sky * 0.75 + vec3(1.30, 1.18, 0.98) * sun);
    vec3 shine = vec3(0.0);
    if (open > 0.0) {
        vec3 half_way = normalize(view + sun_direction);
        shine += open * gloss * pow(max(dot(n, half_way), 0.0), 60.0) * vec3(0.9);
    }

    // Headlamp: a wide cone with a bright middle, and a little spill around the wearer.
    vec3 from_lamp = scene_position - headlamp_position;
    float reach = length(from_lamp);
    vec3 along = from_lamp / max(reach, 1e-3);
    float cone = dot(along, headlamp_direction);
    float beam = 0.10 + 0.55 * smoothstep(0.45, 0.95, cone) + 1.1 * smoothstep(0.88, 0.995, cone);
    // Near walls are held back as an eye adapts: they would be white otherwise.
    float fall = headlamp_strength * beam * reach / (reach + 1.6)
        / (1.0 + 0.04 * reach * reach + 0.10 * reach);
    float facing = max(dot(n, -along), 0.0);
    vec3 lamp_colour = vec3(1.0, 0.96, 0.88);
    light += lamp_colour * fall * (0.12 + 0.88 * facing);
    shine += lamp_colour * fall * gloss * pow(max(dot(n, normalize(view - along)), 0.0), 40.0);

    // The nearest mine lamps.
    for (int i = 0; i < lamp_count; i++) {
        vec3 to_lamp = lamps[i].xyz - scene_position;
        float d2 = dot(to_lamp, to_lamp);
        float strength = lamps[i].w / (1.0 + 0.16 * d2) * clamp(1.0 - d2 / 900.0, 0.0, 1.0);
        float lit = 0.35 + 0.65 * max(dot(n, to_lamp * inversesqrt(max(d2, 1e-4))), 0.0);
        light += vec3(1.0, 0.86, 0.62) * strength * lit;
    }

    light += vec3(0.012, 0.013, 0.016) + (1.0 - open) * open_default * 0.5;
    vec3 lit_colour = albedo * light + shine;
    if (material == WATER) {
        float fresnel = 0.04 + 0.96 * pow(1.0 - max(dot(n, view), 0.0), 5.0);
        vec3 mirrored = open * vec3(0.45, 0.55, 0.68) + 0.02 * light;
        lit_colour = mix(albedo * light * 0.7, mirrored, fresnel) + shine * 1.5;
    }

    // Haze outside, dust and smoke inside.
    float fog = 1.0 - exp(-distance_m * dust) * exp(-distance_m * smoke * 0.30);
    vec3 haze = mix(vec3(0.010, 0.010, 0.012), vec3(0.50, 0.58, 0.68), max(eye_in_open, open * 0.6));
    haze = mix(haze, vec3(0.10, 0.095, 0.09), clamp(smoke, 0.0, 1.0));
    lit_colour = mix(lit_colour, haze, clamp(fog, 0.0, 1.0));

    // Filmic curve (Narkowicz's fit of ACES), then display gamma.
    lit_colour *= 1.15;
    lit_colour = (lit_colour * (2.51 * lit_colour + 0.03)) / (lit_colour * (2.43 * lit_colour + 0.59) + 0.14);
    result = vec4(pow(clamp(lit_colour, 0.0, 1.0), vec3(1.0 / 2.2)), opacity);
}
