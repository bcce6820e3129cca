# Twins and imports. File names, numbers and format terms arrive as arguments.

scene-not-yaml = { $file }: not readable as YAML (line { $line }).
scene-invalid = { $file }: { $key } is wrong: { $reason }
scene-no-twin = { $folder } is not a twin: it holds no scene.yaml.
scene-too-large = { $file } is larger than { $limit } MB.
scene-unreadable = { $file } cannot be read: { $reason }
tileset-broken = { $file }: not a readable tileset: { $reason }
tile-broken = { $file }: not a readable tile: { $reason }
tile-extension = { $file }: needs glTF extensions that Kenish does not read: { $extensions }.
tile-package = { $file }: cannot be read without the package { $package } (kenish doctor says how to install it).
walk-broken = { $file }: the walk surface is not readable: { $reason } Bake or import again.
bake-empty-layer = The layer { $layer } holds nothing that can be drawn.

scenes-baking = Baking { $name }
scenes-bake-stopped = Stopped. { $folder } is as it was before, layer by layer, and can be used; the same command goes on from here.
scenes-bake-done = Baked { $folder }: { $layers } layers, { $tiles } tiles, { $triangles } triangles, { $megabytes } MB.
scenes-no-points = There is no layer of points called { $layer }.
scenes-needs-open3d = A surface over points needs Open3D, which is not installed (it has no wheel for Python 3.13). Install { $extra }.
scenes-bake-what = Say what to bake: a twin's folder, or --synthetic.
scenes-bake-out = Say where the fictional mine goes: --out TWIN.
scenes-bake-dask-twin = --dask bakes a twin that is there: kenish twin bake TWIN --dask ADDRESS
scenes-dask-missing = --dask needs the package "distributed". Install kenish[dask].
scenes-dask-silent = No Dask scheduler answers at { $address }: { $reason }
scenes-dask-no-workers = The Dask cluster at { $address } has no workers.
scenes-dask-worker = The Dask worker { $worker } lacks Kenish or does not see the folder { $folder }. { $reason }
scenes-dask-lost = The Dask cluster at { $address } was lost while baking ({ $reason }). The twin is as it was; the same command goes on from here.
scenes-twin-exists = { $folder } is a twin already. Add --replace to make it anew.
scenes-imported = { $file }: { $format }, imported as { $layers }
scenes-count-triangles = { $count } triangles
scenes-count-points = { $count } points
scenes-count-lines = { $count } line segments
scenes-count-nodes = { $count } survey stations
scenes-count-blocks = { $count } blocks
scenes-bounds = {"  "}bounds: x { $x }, y { $y }, z { $z }
scenes-frame = {"  "}units: { $units }; axes: { $axes }; coordinate system: { $crs }
scenes-guess = {"  "}guess: { $text } (to change it: { $option })
scenes-repair = {"  "}repaired: { $text }
scenes-warning = {"  "}warning: { $text }
scenes-import-done = { $folder }: { $count ->
    [one] { $count } file imported.
   *[other] { $count } files imported.
}
scenes-import-refused = { $count } of { $total } files refused.
scenes-info = { $name }: coordinate system { $crs }, origin { $origin }
scenes-info-layer = { $id }: { $kind }, { $content }, { $tiles } tiles, { $triangles } triangles, { $points } points, { $megabytes } MB
scenes-info-levels = {"  "}tiles by level, the coarsest first: { $levels }; the largest has { $kilobytes } kB
scenes-info-rest = { $places } places, { $viewpoints } viewpoints, { $sensors } sensors
scenes-valid = { $folder } is a valid twin.
scenes-not-valid = { $folder }: { $count ->
    [one] { $count } problem.
   *[other] { $count } problems.
}
scenes-missing = Layer { $layer }: { $file } is missing.
scenes-outside = Layer { $layer }: { $file } leads out of the twin's folder.
scenes-no-such-id = { $owner }: { $key } names { $id }, which does not exist.
scenes-no-walk = { $folder } has no walk surface: nobody can stand in it. Bake or import again.

import-one-name = --name fits one file, and { $count } were given.
import-out-occupied = { $folder } exists and is not a twin. Choose another folder for --out.
import-layer-exists = { $file }: the twin has a layer { $layer } already. Add --replace, or choose another name with --name.
import-layer-twice = { $file }: an earlier file of this import became the layer { $layer }. Import it alone with --name.

import-no-file = { $file }: there is no such file.
import-unreadable = { $file } cannot be read: { $reason }
import-no-bytes = { $file } is empty.
import-no-library = { $file }: reading it needs the Python package { $name }. Install kenish[bake].
import-no-memory = { $file } needs more memory than there is, or is nested too deeply.
import-too-large = { $file }: { $megabytes } MB, more than the limit of { $limit } MB. Export it in parts.
import-too-many = { $file } holds { $count } elements, more than { $limit }. Export it in parts.
import-inflates = { $file }: { $what } grows beyond { $limit } MB when unpacked.
import-cut-short = { $file } is cut short or damaged: { $expected } expected, { $found } found. Copy or export it again.
import-damaged = { $file } is damaged or not what its name says: { $detail }. Export it again.
import-bad-index = { $file }: { $what } refers to points that are not there (there are { $vertices }). Copy or export it again.
import-nothing-in-it = { $file } holds no geometry that can be shown.
import-nothing-left = { $file }: nothing is left after unusable geometry (no area, no finite coordinates) was dropped.
import-too-far = { $file }: coordinates beyond { $limit } m. Check the units (--units) or export it again.
import-version = { $file } is { $version }; Kenish reads { $known }. Export it in that version.
import-unknown-format = { $file }: files ending in { $suffix } are not read. Export one of { $known }.
import-xml-doctype = { $file }: XML with a document type is not accepted. Export it again without.
import-x-up = { $file }: the x axis is declared to be vertical. Export it with z up.
import-ply-strips = { $file }: triangle strips are not read. Export it with plain faces.
import-gltf-extension = { $file } needs the glTF extension { $name }, which is not read. Export it without compression.
import-missing-companion = { $file } refers to { $name }, which is not beside it. Put both in one folder, or export a .glb.
import-extended = { $file } is an extended elevation, not a survey in space. Export the survey itself.
import-no-legs = { $file } has no underground survey legs.
import-omf-beta = { $file } is a pre-release of OMF 2 that no program writes any more. Export OMF 1 or OMF 2.
import-bad-option = { $file }: no block attribute { $name }; there are: { $known }.

import-use-deswik = { $file }: { $suffix } is a Deswik file that only Deswik reads. Export OMF or OBJ from Deswik.CAD.
import-use-vulcan = { $file }: { $suffix } is a Maptek Vulcan file that only Vulcan reads. Export OMF or OBJ from Vulcan.
import-use-datamine = { $file }: { $suffix } is a Datamine file that only Datamine reads. Export OMF or OBJ from Studio.
import-use-leapfrog = { $file }: { $suffix } is a Leapfrog file that only Leapfrog reads. Export OMF or OBJ from Leapfrog.
import-use-surpac = { $file }: Surpac { $suffix } files are not read yet. Export OMF or OBJ from Surpac.
import-use-cad = { $file }: { $suffix } files are not read yet. Export OBJ, STL or glTF from the CAD program.
import-use-model = { $file }: { $suffix } files are not read. Export glTF (.glb) or OBJ from the modelling program.
import-use-cloud = { $file }: { $suffix } point clouds are not read yet. Export PLY, for example from CloudCompare.
import-use-terrain = { $file }: { $suffix } terrain grids are not read yet. Export the terrain as an OBJ or PLY mesh.
import-use-survex = { $file }: { $suffix } is survey source. Process it with Survex (cavern) or Therion and import the .3d file.
import-use-unpacked = { $file }: archives are not read. Unpack it and import the files.

import-guess-metres = metres: the file declares no unit, and an extent of { $extent } fits a mine in metres.
import-guess-millimetres = millimetres: an extent of { $extent } is too wide for a mine in metres.
import-guess-up-z = z is up: the file does not say; the extents are { $x } by { $y } by { $z }.
import-guess-up-y = y is up: the file does not say, and y is by far the shortest of { $x } by { $y } by { $z }.
import-guess-up-z-not-y = z is up although the file declares y: the extents are { $x } by { $y } by { $z }, and a mine is wider than it is high; { $share } % of the surface faces along z.
import-guess-up-y-not-z = y is up although the file declares z: the extents are { $x } by { $y } by { $z }, and { $share } % of the surface faces along z.
import-guess-crs = local grid: the file names no coordinate system.
import-guess-drift-size = drift size: { $measured } stations have measured walls, { $shots } have wall shots, { $default } have neither and get { $width } by { $height } m.
import-guess-block-order = block values run fastest along { $order }: so the richer half of the blocks shows { $faces } faces, and { $other } in the other order; ore lies together.
import-guess-block-order-tied = block values are taken to run fastest along u, as most programs write them: the values fit both orders.
import-guess-blocks-solid = blocks whose { $name } is "{ $label }" are not drawn; { $drawn } are.
import-guess-blocks-all = all blocks are drawn, coloured by { $name }.

import-repair-not-finite = { $count } points with coordinates that are no numbers dropped.
import-repair-degenerate = { $count } triangles or segments without size dropped.
import-repair-duplicate = { $count } triangles that repeat others dropped.
import-repair-welded = { $count } vertices joined with others at the same position.
import-repair-legs = survey legs left out: { $splay } wall shots, { $surface } on the surface, { $duplicate } duplicates, { $zero } without length, { $long } longer than a kilometre.

import-warning-trailing = { $bytes } bytes after the end of the data were ignored.
import-warning-no-newline = The last line has no line end: the file may be cut short.
import-warning-last-line = The last line is incomplete and was ignored: the file is cut short.
import-warning-missing-vertices = { $count } triangles refer to points that are not there and were left out: the file may be cut short.
import-warning-no-faces = Only points, no faces: the file may be cut short.
import-warning-picture = The picture { $name } is missing or cannot be read; its surfaces keep their plain colour.
import-warning-textures = Pictures on surfaces (textures) are left out; plain colours are kept.
import-warning-left-out = Left out: { $what }.
import-warning-crs = The file's coordinate system { $file_crs } is not the twin's { $crs }; nothing was converted.
import-warning-far = The geometry reaches { $kilometres } km from the twin's origin: positions there are coarse. Import it into a twin of its own.

add-layer-copying = Copying { $name }
add-layer-done = { $folder }: layer { $layer } added, { $files } files, { $megabytes } MB. Nobody can stand on it; it is not baked.
add-layer-placed-crs = Placed by the twin's coordinate system; heights are above the ellipsoid.
add-layer-placed-east-north-up = The twin has no coordinate system: the tileset's middle is at the scene's zero, its own east, north and up are kept. To change it: --at EAST NORTH UP
add-layer-placed-survey = Its coordinates are taken as the survey grid's. To change it: --at EAST NORTH UP
add-layer-placed-scene = Its coordinates are taken as the scene's. To change it: --at EAST NORTH UP
add-layer-placed-given = Placed with its middle where --at says.
add-layer-crs = The tileset cannot be placed by { $crs }: { $reason }. Say where its middle is: --at EAST NORTH UP
add-layer-no-pyproj = Placing a tileset by { $crs } needs the package pyproj. Install it, or say where its middle is: --at EAST NORTH UP
add-layer-id = { $id } is no name of a layer: lower-case letters, digits, dots and dashes.
add-layer-disk = The disk is nearly full: { $megabytes } MB were copied, and taken away again.
import-use-add-layer = { $suffix } is a tileset: add it as a layer with kenish twin add-layer TWIN TILESET.
