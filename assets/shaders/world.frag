#version 330
// Light by headlamp, mine lamps and sky; rock, wire mesh and water by their material number
// (scenes.geometry.MATERIALS). Depends only on the frame state, so that every eye and wall agrees.
// With CUTS defined sections cut the world; with GLASS a layer is seen through too: its edges alone
// are told.

in vec3 scene_position;
in vec3 scene_normal;
in vec3 colour;
in vec4 surface;   // bump, variation of colour, gloss, wetness
in vec4 place_in;   // place in the picture, share of the field's range, 1 where it has a value
flat in int material;

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
uniform float pixel_rad;            // the angle of a pixel: how fine a detail can be seen
uniform float time_s;
uniform float outdoors;             // 1: the layer is ground, under the sky whatever the raster says
uniform float opacity;
uniform float ambient;              // light of its own, where no lamp reaches
uniform float dust;                 // share of the light lost in every metre
uniform float smoke;                // 0 clear .. 1 thick
uniform float textured;             // 1: the colour is the picture's
uniform sampler2D p3d_Texture0;
uniform float field_shown;          // 1: the colours of the layer's scalar field
uniform sampler2D field_colours;    // the colour map, low to high
uniform float fade;                 // 1: there; 0..1: coming; -1..0: what goes for the one at 1 + fade
uniform float highlight;            // 1: somebody points at the layer
#if defined(CUTS) || defined(GLASS)
uniform int cut_count;
uniform vec4 cuts[6];               // planes: what lies at dot(xyz, place) > w is cut away
uniform vec4 cut_tint;              // colour of a cut; w 0: the layer's faces have no inside
#endif

const int MESH = 5, WATER = 8, LAMP = 9, ORE = 12, PASTE = 13;
vec3 to_linear(vec3 c) { return c * (c * (c * 0.305306 + 0.682171) + 0.012523); }

float open_to_sky(vec3 p) {
    vec2 uv = (p.xy - raster.xy) * raster.zw;
    if (any(lessThan(uv, vec2(0.0))) || any(greaterThan(uv, vec2(1.0)))) return open_default;
    float height = texture(ground_heights, uv).r;
    if (height < -1e8) return open_default;
    return 1.0 - smoothstep(1.5, 7.0, height - p.z);
}

void main() {
    // Evenly spread over the pixels, and the same in every frame: for all that is drawn by halves.
    float screen = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    if (fade < 1.0 && (fade >= 0.0 ? screen >= fade : screen < 1.0 + fade)) discard;

    vec3 to_eye = eye_position - scene_position;
    float distance_m = length(to_eye);
    vec3 view = to_eye / max(distance_m, 1e-3);

    vec3 albedo = to_linear(colour);
#if defined(CUTS) || defined(GLASS)
    float entered = -1.0;
    // What is cut away, and whether this is seen through a cut: the last one on the way counts.
    vec3 cut_normal = vec3(0.0);
    for (int i = 0; i < cut_count; i++) {
        float beyond = dot(cuts[i].xyz, scene_position) - cuts[i].w;
        if (beyond > 0.0) discard;
        float eye_beyond = dot(cuts[i].xyz, eye_position) - cuts[i].w;
        float share = eye_beyond / max(eye_beyond - beyond, 1e-6);
        if (eye_beyond > 0.0 && share > entered) {
            entered = share;
            cut_normal = cuts[i].xyz;
        }
    }
    if (cut_count > 0 && !gl_FrontFacing && cut_tint.w > 0.5) {
        if (entered < 0.0) discard;  // as if faces had one side, which they have without cuts
        // The inside of a body or of the rock: flat, hatched where the cut goes through it.
        vec3 place = eye_position - to_eye * entered;
        float spacing = exp2(ceil(log2(max(distance_m * entered * pixel_rad, 1e-4) * 14.0)));
        float line = abs(fract(dot(place, vec3(0.617, 0.531, 0.581)) / spacing) - 0.5);
        vec3 tint = material == ORE || material == PASTE ? albedo * 1.1 : cut_tint.rgb;
        result = vec4(sqrt(tint * (line < 0.07 ? 0.75 : 1.0)), 1.0);
        return;
    }
#endif

    // Points have no face: they look at the eye.
    vec3 across = cross(dFdx(scene_position), dFdy(scene_position));
    vec3 face = dot(across, across) > 0.0 ? normalize(across) : view;
    if (dot(face, view) < 0.0) face = -face;
    vec3 n = dot(scene_normal, scene_normal) < 0.2 ? face : normalize(scene_normal);
    if (dot(n, view) < -0.2) n = -n;
    float rim = 1.0 - abs(dot(n, view));

    if (textured > 0.5) albedo = texture(p3d_Texture0, place_in.xy).rgb;
    if (field_shown > 0.5) {
        // Beside a vertex without a value nothing is told.
        vec3 there = texture(field_colours, vec2(place_in.z, 0.5)).rgb;
        albedo = to_linear(place_in.w > 0.999 ? there : vec3(0.5));
    }
#ifdef GLASS
    vec3 pane = mix(albedo, vec3(0.30, 0.55, 0.75), 0.6) * (0.25 + 0.9 * rim);
    pane = mix(pane, vec3(1.0, 0.72, 0.18), highlight * 0.6);
    result = vec4(sqrt(pane), opacity * (0.035 + 0.5 * rim * rim * rim));
    return;
#endif
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
        if (cover < 0.08 + 0.9 * screen) discard;
    }

    // Detail that the triangles do not carry: solid noise, so that no direction is stretched and no
    // seam shows. Two volumes, one four times as coarse as the other, blend into each other with the
    // size of a pixel: as fine at 0.3 m as at 300 m, and never finer than a pixel.
    float wet = 0.0;
    if (surface.x > 0.001) {
        vec4 detail;
        if (material == WATER) {
            vec3 p = vec3(scene_position.xy * 0.6 + 0.05 * time_s, 0.11 * time_s);
            detail = (texture(noise, p * 0.095) * 2.0 - 1.0) * exp(-distance_m * 0.02);
            n = vec3(0.0, 0.0, 1.0);
        } else {
            float pixel_m = distance_m * pixel_rad / max(1.0 - rim, 0.5);
            float level = clamp(0.5 * log2(pixel_m * 1000.0), 0.0, 6.999);
            float coarser = fract(level);
            // Turned, so that a drift along an axis does not meet the same texels again and again.
            vec3 p = mat3(0.48, 0.60, -0.64, -0.80, 0.60, 0.0, 0.38, 0.51, 0.77) * scene_position;
            p *= 5.2 * exp2(-2.0 * floor(level));
            vec4 one = texture(noise, p) * 2.0 - 1.0;
            vec4 other = texture(noise, p * 0.25) * 2.0 - 1.0;
            detail = mix(one, other, coarser) * inversesqrt(1.0 - 2.0 * coarser * (1.0 - coarser));
            detail *= 1.0 - 0.7 * clamp(0.5 * level - 2.0, 0.0, 1.0);
        }
        if (surface.w > 0.0) {
            // Water stands in what is low and flat, and darkens what it soaks.
            wet = surface.w * smoothstep(-0.25, 0.35, surface.w + 0.35 * n.z - 0.45 - 0.6 * detail.a);
            albedo *= 1.0 - 0.5 * wet;
        }
        float bump = surface.x * (1.0 - 0.65 * wet);
        n = normalize(n + bump * (detail.rgb - dot(detail.rgb, n) * n));
        albedo *= clamp(1.0 + surface.y * detail.a * 1.1, 0.15, 2.0);
    }

    float open = max(open_to_sky(scene_position), outdoors);
    float gloss = surface.z + 0.45 * wet;
    float sharp = 40.0 + 60.0 * wet;

    // Sky and sun.
    vec3 sky = mix(vec3(0.16, 0.15, 0.13), vec3(0.30, 0.37, 0.48), 0.5 + 0.5 * n.z);
    float sun = max(dot(n, sun_direction), 0.0);
    vec3 light = open * (sky * 0.75 + vec3(1.30, 1.18, 0.98) * sun);
    vec3 shine = vec3(0.0);
    if (open > 0.0) {
        vec3 half_way = normalize(view + sun_direction);
        shine += open * gloss * pow(max(dot(n, half_way), 0.0), 60.0) * vec3(0.9);
    }

    // Headlamp: a hot middle in a wide cone in a little spill, each dying away without an edge.
    vec3 from_lamp = scene_position - headlamp_position;
    float reach = length(from_lamp);
    vec3 along = from_lamp / max(reach, 1e-3);
    float aside = 1.0 - dot(along, headlamp_direction);
    float beam = 1.05 * exp2(-50.0 * aside) + 0.62 * exp2(-4.0 * aside) + 0.06;
    // By the square of the distance; near walls are held back as an eye adapts, else they were white.
    float fall = headlamp_strength * beam * reach / (reach + 1.6)
        / (1.0 + 0.04 * reach * reach + 0.10 * reach);
    float facing = max(dot(n, -along), 0.0);
    vec3 lamp_colour = vec3(1.0, 0.96, 0.88);
    light += lamp_colour * fall * (0.12 + 0.88 * facing);
    shine += lamp_colour * fall * gloss * pow(max(dot(n, normalize(view - along)), 0.0), sharp);

    // The nearest mine lamps.
    for (int i = 0; i < lamp_count; i++) {
        vec3 to_lamp = lamps[i].xyz - scene_position;
        float d2 = dot(to_lamp, to_lamp);
        float strength = lamps[i].w / (1.0 + 0.16 * d2) * clamp(1.0 - d2 / 900.0, 0.0, 1.0);
        float lit = 0.35 + 0.65 * max(dot(n, to_lamp * inversesqrt(max(d2, 1e-4))), 0.0);
        light += vec3(1.0, 0.86, 0.62) * strength * lit;
    }

    light += vec3(0.96, 1.0, 1.06) * ambient * (1.4 - rim) + (1.0 - open) * open_default * 0.5;
#ifdef CUTS
    // Daylight falls through a cut.
    if (entered >= 0.0) light += (1.0 - open) * (0.30 + 0.45 * max(dot(n, cut_normal), 0.0));
#endif
    vec3 lit_colour = albedo * light + shine;
    if (material == WATER) {
        float fresnel = 0.04 + 0.96 * pow(1.0 - max(dot(n, view), 0.0), 5.0);
        vec3 mirrored = open * vec3(0.45, 0.55, 0.68) + 0.02 * light;
        lit_colour = mix(albedo * light * 0.7, mirrored, fresnel) + shine * 1.5;
    }

    // Haze outside, dust and smoke inside, which the headlamp lights.
    float fog = 1.0 - exp(-distance_m * (dust + smoke * 0.30));
    vec3 haze = mix(vec3(0.010, 0.010, 0.012), vec3(0.50, 0.58, 0.68), max(eye_in_open, open * 0.6));
    vec3 lit_smoke = vec3(0.08, 0.076, 0.072) + 0.022 * headlamp_strength * beam * lamp_colour;
    haze = mix(haze, lit_smoke, clamp(smoke, 0.0, 1.0));
    lit_colour = mix(lit_colour, haze, clamp(fog, 0.0, 1.0));
    lit_colour = mix(lit_colour, vec3(1.0, 0.62, 0.12), highlight * (0.10 + 0.75 * rim * rim));

    // Filmic curve (Narkowicz's fit of ACES), then display gamma, and less than a step of noise
    // against bands in the dark.
    lit_colour *= 1.15;
    lit_colour = (lit_colour * (2.51 * lit_colour + 0.03)) / (lit_colour * (2.43 * lit_colour + 0.59) + 0.14);
    lit_colour = pow(clamp(lit_colour, 0.0, 1.0), vec3(1.0 / 2.2)) + (screen - 0.5) / 255.0;
    result = vec4(lit_colour, opacity);
}
