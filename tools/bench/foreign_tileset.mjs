// Makes tilesets that Kenish had no hand in, with glTF-Transform and 3D Tiles Tools.
// node foreign_tileset.mjs FOLDER PICTURE.png: FOLDER/{draco,meshopt,quantized,b3dm,instanced}.
import fs from 'fs';
import path from 'path';
import { execFileSync } from 'child_process';
import { Document, NodeIO } from '@gltf-transform/core';
import { ALL_EXTENSIONS, EXTMeshGPUInstancing, EXTMeshoptCompression, KHRDracoMeshCompression } from '@gltf-transform/extensions';
import { quantize, reorder } from '@gltf-transform/functions';
import draco3d from 'draco3dgltf';
import { MeshoptDecoder, MeshoptEncoder } from 'meshoptimizer';

const [folder, picture] = process.argv.slice(2);
const tools = path.join(path.dirname(new URL(import.meta.url).pathname), 'node_modules/3d-tiles-tools/build/src/cli.mjs');
const tool = (...words) => execFileSync(process.execPath, [tools, ...words, '-f'], { stdio: 'pipe' });
await MeshoptDecoder.ready; await MeshoptEncoder.ready;
const io = new NodeIO().registerExtensions(ALL_EXTENSIONS).registerDependencies({
  'draco3d.encoder': await draco3d.createEncoderModule(),
  'draco3d.decoder': await draco3d.createDecoderModule(),
  'meshopt.encoder': MeshoptEncoder, 'meshopt.decoder': MeshoptDecoder,
});

// A hill of 200 m with a picture on it, +Y up as glTF wants.
const SIDE = 64, SPAN = 200;
export function hill() {
  const document = new Document();
  const buffer = document.createBuffer();
  const place = new Float32Array(SIDE * SIDE * 3), lie = new Float32Array(SIDE * SIDE * 2);
  for (let j = 0; j < SIDE; j++) for (let i = 0; i < SIDE; i++) {
    const k = j * SIDE + i, u = i / (SIDE - 1), v = j / (SIDE - 1);
    const r = Math.hypot(u - 0.5, v - 0.5);
    place.set([(u - 0.5) * SPAN, 40 * Math.cos(r * 9) * Math.exp(-4 * r), (v - 0.5) * SPAN], k * 3);
    lie.set([u, v], k * 2);
  }
  const corners = [];
  for (let j = 0; j + 1 < SIDE; j++) for (let i = 0; i + 1 < SIDE; i++) {
    const k = j * SIDE + i;
    corners.push(k, k + SIDE, k + 1, k + 1, k + SIDE, k + SIDE + 1);
  }
  const make = (type, array) => document.createAccessor().setType(type).setArray(array).setBuffer(buffer);
  const texture = document.createTexture('ground').setImage(fs.readFileSync(picture)).setMimeType('image/png');
  const material = document.createMaterial('ground').setBaseColorTexture(texture).setRoughnessFactor(1).setMetallicFactor(0);
  const primitive = document.createPrimitive().setMaterial(material)
    .setAttribute('POSITION', make('VEC3', place)).setAttribute('TEXCOORD_0', make('VEC2', lie))
    .setIndices(make('SCALAR', new Uint16Array(corners)));
  const node = document.createNode('hill').setMesh(document.createMesh('hill').addPrimitive(primitive));
  document.createScene().addChild(node);
  return { document, buffer, node, make };
}

async function store(name, document) {
  const home = path.join(folder, name);
  fs.mkdirSync(home, { recursive: true });
  await io.write(path.join(home, 'hill.glb'), document);
  return home;
}
// Vishnevka in Kazakhstan: earth-centred coordinates with a root transform, as drone software writes.
const tileset = (home, file, ...more) => tool('createTilesetJson', '-i', path.join(home, file), '-o', path.join(home, 'tileset.json'), ...more);
const EARTH = ['--cartographicPositionDegrees', '72.0', '50.6', '420'];

const draco = hill();
draco.document.createExtension(KHRDracoMeshCompression).setRequired(true)
  .setEncoderOptions({ method: KHRDracoMeshCompression.EncoderMethod.EDGEBREAKER });
tileset(await store('draco', draco.document), 'hill.glb', ...EARTH);

const meshopt = hill();
meshopt.document.createExtension(EXTMeshoptCompression).setRequired(true)
  .setEncoderOptions({ method: EXTMeshoptCompression.EncoderMethod.FILTER });
await meshopt.document.transform(reorder({ encoder: MeshoptEncoder }), quantize());
tileset(await store('meshopt', meshopt.document), 'hill.glb');

const quantized = hill();
await quantized.document.transform(quantize());
tileset(await store('quantized', quantized.document), 'hill.glb');

const b3dm = await store('b3dm', hill().document);
tool('glbToB3dm', '-i', path.join(b3dm, 'hill.glb'), '-o', path.join(b3dm, 'hill.b3dm'));
fs.rmSync(path.join(b3dm, 'hill.glb'));
tileset(b3dm, 'hill.b3dm', ...EARTH);

const many = hill();
const spots = new Float32Array(9 * 3);
for (let k = 0; k < 9; k++) spots.set([(k % 3 - 1) * 220, 0, (Math.floor(k / 3) - 1) * 220], k * 3);
many.node.setExtension('EXT_mesh_gpu_instancing', many.document.createExtension(EXTMeshGPUInstancing).setRequired(true)
  .createInstancedMesh().setAttribute('TRANSLATION', many.make('VEC3', spots)));
tileset(await store('instanced', many.document), 'hill.glb');
console.log(JSON.stringify({ made: fs.readdirSync(folder) }));
