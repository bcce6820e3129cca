// Shows a tileset with 3d-tiles-renderer; bundled by esbuild into the page that chromium opens.
import { AmbientLight, DirectionalLight, Group, PerspectiveCamera, Scene, WebGLRenderer } from 'three';
import { GLTFLoader } from 'three/examples/jsm/loaders/GLTFLoader.js';
import { MeshoptDecoder } from 'three/examples/jsm/libs/meshopt_decoder.module.js';
import { TilesRenderer } from '3d-tiles-renderer';

const { url, eye, at, width, height, fov } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const renderer = new WebGLRenderer({ antialias: true, preserveDrawingBuffer: true });
renderer.setSize(width, height);
renderer.setClearColor(0x151a22);
document.body.style.margin = 0;
document.body.appendChild(renderer.domElement);
const scene = new Scene(), camera = new PerspectiveCamera(fov, width / height, 1, 20000);
const light = new DirectionalLight(0xffffff, 2);
light.position.set(-1, 2, 1);
scene.add(light, new AmbientLight(0xffffff, 1));
const tiles = new TilesRenderer(url);
const loader = new GLTFLoader(tiles.manager).setMeshoptDecoder(MeshoptDecoder);
tiles.manager.addHandler(/\.glb$/, loader);
const world = new Group();
world.rotation.x = -Math.PI / 2;  // 3D Tiles are +Z up
world.add(tiles.group);
scene.add(world);
const up = ([x, y, z]) => [x, z, -y];
camera.position.set(...up(eye));
camera.lookAt(...up(at));
scene.updateMatrixWorld(true);
tiles.errorTarget = 8;
tiles.setCamera(camera);
tiles.setResolutionFromRenderer(camera, renderer);
const state = { models: 0, failed: [] };
tiles.addEventListener('load-model', () => state.models++);
tiles.addEventListener('load-error', event => state.failed.push(String(event.error)));
let calm = 0;
function frame() {
  camera.updateMatrixWorld(true);
  tiles.update();
  renderer.render(scene, camera);
  const { downloading, parsing } = tiles.stats;
  calm = state.models && !downloading && !parsing ? calm + 1 : 0;
  if (calm < 30) return setTimeout(frame, 20);
  fetch('/done', { method: 'POST', body: JSON.stringify({
    ...state, visible: tiles.visibleTiles.size, triangles: renderer.info.render.triangles,
    picture: renderer.domElement.toDataURL('image/png') }) });
}
frame();
