#version 330
// A laser beam: a ribbon between two points that faces the eye and never gets thinner than a
// hair on the screen.

uniform mat4 p3d_ViewMatrixInverse;
uniform mat4 p3d_ViewProjectionMatrix;
uniform vec3 start;
uniform vec3 end;

in vec4 p3d_Vertex;                 // x: side -1 or 1, y: 0 at the start, 1 at the end
out float side;
out float along;

void main() {
    vec3 eye = (p3d_ViewMatrixInverse * vec4(0.0, 0.0, 0.0, 1.0)).xyz;
    vec3 place = mix(start, end, p3d_Vertex.y);
    vec3 to_eye = eye - place;
    vec3 across = cross(end - start, to_eye);
    across = length(across) > 1e-6 ? normalize(across) : vec3(0.0, 0.0, 1.0);
    place += across * p3d_Vertex.x * max(0.008, 0.0022 * length(to_eye));
    gl_Position = p3d_ViewProjectionMatrix * vec4(place, 1.0);
    side = p3d_Vertex.x;
    along = p3d_Vertex.y;
}
