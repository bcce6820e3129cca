#version 330
// A card that faces the eye, upright, about as large on the retina from `near_m` to `far_m`.
// Near labels lie over everything: the walls of a drift would cut them. Farther away the depth is
// that of a point a little nearer to the eye, so that the wall behind does not cut a label while a
// drift's corner still hides it. Per eye: nothing is known before the matrices.

uniform mat4 p3d_ModelMatrix;
uniform mat4 p3d_ViewMatrixInverse;
uniform mat4 p3d_ViewProjectionMatrix;
uniform float near_m;
uniform float far_m;
uniform float metres_per_pixel;     // at one metre
uniform float pull_m;
uniform float over_m;               // as far as this a label is over everything

in vec4 p3d_Vertex;                 // x, z in pixels from the anchor
in vec2 p3d_MultiTexCoord0;         // below -0.5: a stem or a dot, not the image
out vec2 uv;

void main() {
    vec3 anchor = (p3d_ModelMatrix * vec4(0.0, 0.0, 0.0, 1.0)).xyz;
    vec3 eye = (p3d_ViewMatrixInverse * vec4(0.0, 0.0, 0.0, 1.0)).xyz;
    vec3 to_eye = eye - anchor;
    float distance_m = max(length(to_eye), 1e-3);
    vec3 back = to_eye / distance_m;
    vec3 across = cross(vec3(0.0, 0.0, 1.0), back);
    // Straight above or below there is no upright: any steady direction will do.
    vec3 right = length(across) > 1e-3 ? normalize(across) : vec3(1.0, 0.0, 0.0);
    vec3 up = cross(back, right);
    float size = clamp(distance_m, near_m, far_m) * metres_per_pixel;
    vec3 place = anchor + (right * p3d_Vertex.x + up * p3d_Vertex.z) * size;
    float over = 1.0 - smoothstep(over_m, over_m * 1.4, distance_m);
    vec3 nearer = place + (eye - place) * mix(min(pull_m / distance_m, 0.7),
        clamp(1.0 - 0.45 / distance_m, 0.0, 0.97), over);   // not so near that it is clipped
    vec4 depth = p3d_ViewProjectionMatrix * vec4(nearer, 1.0);
    gl_Position = p3d_ViewProjectionMatrix * vec4(place, 1.0);
    gl_Position.z = depth.z / max(depth.w, 1e-4) * gl_Position.w;
    uv = p3d_MultiTexCoord0;
}
