"""Draws viewpoints of the synthetic mine off screen, to look at it while working on it.

Plain fixed-function Panda3D with a headlamp; not the application's renderer.

    python tools/preview_mine.py --out /tmp/preview --triangles 0.5 overview decline
    python tools/preview_mine.py --eye 26,-62,1.6,270,0 --layers drifts,stopes
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from panda3d import core

sys.path.insert(0, str(Path(__file__).parent.parent))

from scenes.bake.instances import unfolded
from scenes.geometry import MATERIALS, InstancePart, MeshPart
from scenes.synthetic import SyntheticMine, demo_parameters
from scenes.synthetic.terrain import cutting_height

core.loadPrcFileData("", "load-display p3headlessgl\nwindow-type offscreen\nmultisamples 4\n"
                         "win-size 1280 720\n"
                         "gl-version 3 3\n"
                         "framebuffer-multisample 1\naudio-library-name null")  # fmt: skip

VERTEX = """#version 330
in vec4 p3d_Vertex; in vec3 p3d_Normal; in vec4 p3d_Color;
uniform mat4 p3d_ModelViewProjectionMatrix;
out vec3 place; out vec3 normal; out vec4 colour;
void main() { gl_Position = p3d_ModelViewProjectionMatrix * p3d_Vertex;
  place = p3d_Vertex.xyz; normal = p3d_Normal; colour = p3d_Color; }"""
FRAGMENT = """#version 330
in vec3 place; in vec3 normal; in vec4 colour; out vec4 result;
uniform vec3 eye; uniform float under; uniform vec4 p3d_ColorScale;
void main() {
  vec3 n = normalize(normal); vec3 to = eye - place; float far = length(to); to /= far;
  vec3 base = pow(colour.rgb, vec3(2.2));
  float head = max(dot(n, to), 0.0) * 26.0 / (8.0 + far * far * 0.35) + 0.05;
  float sun = 0.9 * max(dot(n, normalize(vec3(-0.45, -0.5, 0.75))), 0.0) + 0.3 + 0.1 * n.z;
  vec3 lit = base * mix(sun, head, under);
  if (colour.a > 0.7 && colour.a < 0.8) {
    vec2 wire = vec2(dot(place, vec3(1, 1, 0)), place.z + dot(place, vec3(1, -1, 0)));
    wire = fract(wire * 6.0);
    if (min(wire.x, wire.y) > 0.12) discard;
  }
  if (colour.a < 0.6) lit = vec3(1.0, 0.9, 0.7);
  lit = mix(lit, vec3(0.5, 0.6, 0.72), (1.0 - under) * (1.0 - exp(-far / 4500.0)));
  result = vec4(pow(lit, vec3(0.4545)), 1.0) * vec4(1, 1, 1, p3d_ColorScale.a);
}"""


def geom_node(part: MeshPart, origin: np.ndarray) -> core.GeomNode:
    """A Panda3D node of a part."""
    rows = np.zeros(len(part.positions), dtype=[("v", "<f4", 3), ("n", "<f4", 3), ("c", "u1", 4)])
    rows["v"], rows["n"] = part.positions - origin, part.normals
    colours = part.colours.astype(np.float64)
    lamp = part.materials == MATERIALS.index("lamp")
    rows["c"][:, :3], rows["c"][:, 3] = colours, np.where(lamp, 128, 255)
    rows["c"][part.materials == MATERIALS.index("mesh"), 3] = 190
    vformat = core.GeomVertexFormat.register_format(core.GeomVertexFormat(_array_format()))
    data = core.GeomVertexData("part", vformat, core.Geom.UH_static)
    data.unclean_set_num_rows(len(rows))
    memoryview(data.modify_array(0)).cast("B")[:] = memoryview(rows).cast("B")
    primitive = core.GeomTriangles(core.Geom.UH_static)
    primitive.set_index_type(core.Geom.NT_uint32)
    index = primitive.modify_vertices()
    index.unclean_set_num_rows(part.triangles.size)
    flat = np.ascontiguousarray(part.triangles, dtype=np.uint32)
    memoryview(index).cast("B")[:] = memoryview(flat).cast("B")
    geom = core.Geom(data)
    geom.add_primitive(primitive)
    node = core.GeomNode("part")
    node.add_geom(geom)
    return node


def _array_format() -> core.GeomVertexArrayFormat:
    array = core.GeomVertexArrayFormat()
    array.add_column("vertex", 3, core.Geom.NT_float32, core.Geom.C_point)
    array.add_column("normal", 3, core.Geom.NT_float32, core.Geom.C_normal)
    array.add_column("color", 4, core.Geom.NT_uint8, core.Geom.C_color)
    return array


def main() -> int:
    """Draw and say what was drawn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("views", nargs="*")
    parser.add_argument("--out", type=Path, default=Path("/tmp/w/preview"))
    parser.add_argument("--triangles", type=float, default=0.5)
    parser.add_argument("--layers", default="")
    parser.add_argument("--eye", action="append", default=[], help="x,y,z,azimuth,pitch[,name]")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    mine = SyntheticMine(demo_parameters().model_copy(
        update={"triangles_million": options.triangles}))  # fmt: skip
    origin = np.asarray(mine.parameters.origin, dtype=np.float64)
    from direct.showbase.ShowBase import ShowBase

    base = ShowBase(windowType="offscreen")
    base.win.set_clear_color((0.62, 0.72, 0.84, 1))
    total = 0
    for layer in mine.scene.layers:
        if options.layers and layer.id not in options.layers.split(","):
            continue
        if not options.layers and not layer.visible:
            continue
        begin, count = time.time(), 0
        for part in mine.chunks(layer.id):
            if isinstance(part, InstancePart):
                part = unfolded(part.mesh, part.transforms)
            node = base.render.attach_new_node(geom_node(part, origin))
            if layer.opacity < 1:
                node.set_transparency(True)
                node.set_alpha_scale(layer.opacity)
            count += len(part.triangles)
        total += count
        print(f"{layer.id:10} {count:9} triangles {time.time() - begin:6.1f} s", flush=True)
    print("total", total)
    base.camLens.set_fov(75)
    base.camLens.set_near_far(0.1, 6000)
    base.render.set_shader(core.Shader.make(core.Shader.SL_GLSL, VERTEX, FRAGMENT))
    views = [(v.id, v.position, v.azimuth_deg, v.pitch_deg) for v in mine.scene.viewpoints
             if v.id in options.views or (not options.views and not options.eye)]  # fmt: skip
    for number, text in enumerate(options.eye):
        fields = text.split(",")
        x, y, z, azimuth, pitch = (float(v) for v in fields[:5])
        views.append((fields[5] if len(fields) > 5 else f"eye{number}", (x, y, z), azimuth, pitch))
    for name, position, azimuth, pitch in views:
        ground = mine.site.height(np.array([position[:2]]))[0]
        inside_pit = np.hypot(position[0], position[1]) < mine.site.pit_radius
        air = mine.void.distance(np.array([position]), np.arange(mine.void.count), 0.5)[0]
        cut = cutting_height(mine.layout.portals["portal-2"], np.array([position]))[0]
        open_air = inside_pit or position[2] > cut
        under = air < 0 or (position[2] < ground and not open_air)
        base.render.set_shader_input("eye", core.Vec3(*position))
        base.render.set_shader_input("under", 1.0 if under else 0.0)
        base.cam.set_pos(*position)
        base.cam.set_hpr(-azimuth, pitch, 0)
        base.graphicsEngine.render_frame()
        base.graphicsEngine.render_frame()
        image = core.PNMImage()
        base.win.get_screenshot(image)
        image.write(core.Filename(str(options.out / f"{name}.png")))
        print(name, "underground" if under else "outside", round(float(air), 2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
