# ツインとインポート。ファイル名、数値、形式の用語は引数として渡される。

scene-not-yaml = { $file }: YAML として読めません({ $line } 行目)。
scene-invalid = { $file }: { $key } が正しくありません: { $reason }
scene-no-twin = { $folder } はツインではありません。scene.yaml がありません。
scene-too-large = { $file } は { $limit } MB を超えています。
scene-unreadable = { $file } を読めません: { $reason }
tileset-broken = { $file }: タイルセットを読めません: { $reason }
tile-broken = { $file }: タイルを読めません: { $reason }
tile-extension = { $file }: Kenish が読めない glTF 拡張が必要です: { $extensions }
tile-package = { $file }: パッケージ { $package } がないと読めません（入れ方は kenish doctor が示します）。
walk-broken = { $file }: 歩行面を読めません: { $reason } bake または import をやり直してください。
bake-empty-layer = レイヤー { $layer } には描画できるものがありません。

scenes-baking = { $name } を作成中
scenes-bake-stopped = 中断しました。{ $folder } はそのまま使えます（各レイヤーは元のままか、新しくなっています）。同じコマンドで続きから再開します。
scenes-bake-done = { $folder } を作成しました: レイヤー { $layers }、タイル { $tiles }、三角形 { $triangles }、{ $megabytes } MB。
scenes-no-points = { $layer } という点群レイヤーはありません。
scenes-needs-open3d = 点群に面を張るには Open3D が必要ですが、インストールされていません(Python 3.13 用のパッケージはありません)。{ $extra } をインストールしてください。
scenes-bake-what = 作成するものを指定してください: ツインのフォルダー、または --synthetic。
scenes-bake-out = 架空の鉱山の保存先を指定してください: --out TWIN。
scenes-bake-dask-twin = --dask は既存のツインに使います: kenish twin bake TWIN --dask ADDRESS
scenes-dask-missing = --dask にはパッケージ「distributed」が必要です。kenish[dask] をインストールしてください。
scenes-dask-silent = { $address } の Dask スケジューラが応答しません: { $reason }
scenes-dask-no-workers = Dask クラスター { $address } にワーカーがありません。
scenes-dask-worker = Dask ワーカー { $worker } に Kenish がないか、フォルダー { $folder } が見えません。{ $reason }
scenes-dask-lost = 処理中に { $address } の Dask クラスターが失われました（{ $reason }）。ツインは元のままです。同じコマンドで続きから再開します。
scenes-twin-exists = { $folder } はすでにツインです。作り直すには --replace を付けてください。
scenes-imported = { $file }: { $format }、{ $layers } として取り込みました
scenes-count-triangles = 三角形 { $count }
scenes-count-points = 点 { $count }
scenes-count-lines = 線分 { $count }
scenes-count-nodes = 測点 { $count }
scenes-count-blocks = ブロック { $count }
scenes-bounds = {"  "}範囲: x { $x }、y { $y }、z { $z }
scenes-frame = {"  "}単位: { $units }、軸: { $axes }、座標系: { $crs }
scenes-guess = {"  "}推定: { $text }(変更するには { $option })
scenes-repair = {"  "}修復: { $text }
scenes-warning = {"  "}注意: { $text }
scenes-import-done = { $folder }: { $count ->
   *[other] { $count } 個のファイルを取り込みました。
}
scenes-import-refused = { $total } 個のうち { $count } 個のファイルを受け付けませんでした。
scenes-info = { $name }: 座標系 { $crs }、原点 { $origin }
scenes-info-layer = { $id }: { $kind }、{ $content }、タイル { $tiles }、三角形 { $triangles }、点 { $points }、{ $megabytes } MB
scenes-info-levels = {"  "}レベル別のタイル数（粗い順）：{ $levels }。最大のタイルは { $kilobytes } kB
scenes-info-rest = 場所 { $places }、視点 { $viewpoints }、センサー { $sensors }
scenes-valid = { $folder } は正しいツインです。
scenes-not-valid = { $folder }: { $count ->
   *[other] 問題が { $count } 件あります。
}
scenes-missing = レイヤー { $layer }: { $file } がありません。
scenes-outside = レイヤー { $layer }: { $file } はツインのフォルダーの外を指しています。
scenes-no-such-id = { $owner }: { $key } が指す { $id } は存在しません。
scenes-no-walk = { $folder } には歩行面がなく、立つ場所がありません。bake または import をやり直してください。

import-one-name = --name は 1 個のファイル用ですが、{ $count } 個が指定されました。
import-out-occupied = { $folder } はすでにあり、ツインではありません。--out に別のフォルダーを選んでください。
import-layer-exists = { $file }: ツインにはすでにレイヤー { $layer } があります。--replace を付けるか、--name で別の名前にしてください。
import-layer-twice = { $file }: この取り込みの前のファイルがレイヤー { $layer } になりました。--name を付けて単独で取り込んでください。

import-no-file = { $file }: ファイルがありません。
import-unreadable = { $file } を読めません: { $reason }
import-no-bytes = { $file } は空です。
import-no-library = { $file }: 読むには Python パッケージ { $name } が必要です。kenish[bake] をインストールしてください。
import-no-memory = { $file } はメモリーが足りないか、入れ子が深すぎます。
import-too-large = { $file }: { $megabytes } MB は上限 { $limit } MB を超えています。分けて書き出してください。
import-too-many = { $file }: 要素 { $count } 個は上限 { $limit } 個を超えています。分けて書き出してください。
import-inflates = { $file }: { $what } は展開すると { $limit } MB を超えます。
import-cut-short = { $file } は途中で切れているか壊れています: { $expected } のはずが { $found } です。コピーか書き出しをやり直してください。
import-damaged = { $file } は壊れているか、名前と中身が合いません: { $detail }。書き出しをやり直してください。
import-bad-index = { $file }: { $what } が存在しない点を指しています(点は { $vertices } 個)。コピーか書き出しをやり直してください。
import-nothing-in-it = { $file } には表示できる形状がありません。
import-nothing-left = { $file }: 使えない形状(面積がない、座標が数値でない)を除くと何も残りません。
import-too-far = { $file }: 座標が { $limit } m を超えています。単位(--units)を確かめるか、書き出しをやり直してください。
import-version = { $file } は { $version } です。Kenish が読めるのは { $known } です。その版で書き出してください。
import-unknown-format = { $file }: { $suffix } のファイルは読めません。{ $known } のいずれかで書き出してください。
import-xml-doctype = { $file }: 文書型宣言のある XML は受け付けません。宣言なしで書き出してください。
import-x-up = { $file }: x 軸が上と宣言されています。z 軸を上にして書き出してください。
import-ply-strips = { $file }: 三角形ストリップは読めません。通常の面で書き出してください。
import-gltf-extension = { $file } には glTF 拡張 { $name } が必要ですが、読めません。圧縮せずに書き出してください。
import-missing-companion = { $file } が参照する { $name } が隣にありません。同じフォルダーに置くか、.glb で書き出してください。
import-extended = { $file } は展開断面図で、空間の測量ではありません。測量そのものを書き出してください。
import-no-legs = { $file } には坑内の測線がありません。
import-omf-beta = { $file } は今では使われない OMF 2 の試作版です。OMF 1 または OMF 2 で書き出してください。
import-bad-option = { $file }: ブロックの属性 { $name } はありません。あるのは { $known } です。

import-use-deswik = { $file }: { $suffix } は Deswik だけが読めるファイルです。Deswik.CAD から OMF か OBJ で書き出してください。
import-use-vulcan = { $file }: { $suffix } は Maptek Vulcan だけが読めるファイルです。Vulcan から OMF か OBJ で書き出してください。
import-use-datamine = { $file }: { $suffix } は Datamine だけが読めるファイルです。Studio から OMF か OBJ で書き出してください。
import-use-leapfrog = { $file }: { $suffix } は Leapfrog だけが読めるファイルです。Leapfrog から OMF か OBJ で書き出してください。
import-use-surpac = { $file }: Surpac の { $suffix } はまだ読めません。Surpac から OMF か OBJ で書き出してください。
import-use-cad = { $file }: { $suffix } はまだ読めません。CAD から OBJ、STL、glTF のいずれかで書き出してください。
import-use-model = { $file }: { $suffix } は読めません。モデリングソフトから glTF(.glb)か OBJ で書き出してください。
import-use-cloud = { $file }: 点群の { $suffix } はまだ読めません。CloudCompare などから PLY で書き出してください。
import-use-terrain = { $file }: 地形グリッドの { $suffix } はまだ読めません。地形を OBJ か PLY のメッシュで書き出してください。
import-use-survex = { $file }: { $suffix } は測量の元データです。Survex(cavern)か Therion で処理し、.3d ファイルを取り込んでください。
import-use-unpacked = { $file }: 書庫は読めません。展開して中のファイルを取り込んでください。

import-guess-metres = メートル: 単位の宣言がなく、大きさ { $extent } はメートルの鉱山として妥当です。
import-guess-millimetres = ミリメートル: 大きさ { $extent } はメートルの鉱山には大きすぎます。
import-guess-up-z = z が上: ファイルに記載がなく、大きさは { $x } × { $y } × { $z } です。
import-guess-up-y = y が上: ファイルに記載がなく、{ $x } × { $y } × { $z } のうち y がはるかに短いためです。
import-guess-up-z-not-y = z が上(ファイルの宣言は y): 大きさは { $x } × { $y } × { $z } で、鉱山は高さより幅が大きく、面の { $share } % が z 方向を向いています。
import-guess-up-y-not-z = y が上(ファイルの宣言は z): 大きさは { $x } × { $y } × { $z } で、z 方向を向く面は { $share } % です。
import-guess-crs = ローカル座標: 座標系の記載がありません。
import-guess-drift-size = 坑道の大きさ: 壁を実測した測点 { $measured }、壁への放射測定がある測点 { $shots }、どちらもない測点 { $default } は { $width } × { $height } m とします。
import-guess-block-order = ブロックの値は { $order } 方向に最も速く並びます: この並びでは高品位ブロックの面が { $faces }、逆では { $other } 見え、鉱石はまとまっているはずです。
import-guess-block-order-tied = ブロックの値は、多くのソフトと同じく u 方向に最も速く並ぶとします。どちらの並びでも合います。
import-guess-blocks-solid = { $name } が「{ $label }」のブロックは描かず、{ $drawn } 個を描きます。
import-guess-blocks-all = すべてのブロックを { $name } で色分けして描きます。

import-repair-not-finite = 座標が数値でない点を { $count } 個除きました。
import-repair-degenerate = 大きさのない三角形または線分を { $count } 個除きました。
import-repair-duplicate = 重複した三角形を { $count } 個除きました。
import-repair-welded = 同じ位置の頂点を { $count } 個まとめました。
import-repair-legs = 除いた測線: 壁への放射測定 { $splay }、地表 { $surface }、重複 { $duplicate }、長さなし { $zero }、1 km 超 { $long }。

import-warning-trailing = データの後の { $bytes } バイトは無視しました。
import-warning-no-newline = 最後の行に行末がありません。ファイルが途中で切れている可能性があります。
import-warning-last-line = 最後の行が不完全なため無視しました。ファイルは途中で切れています。
import-warning-missing-vertices = 存在しない点を指す三角形 { $count } 個を除きました。ファイルが途中で切れている可能性があります。
import-warning-no-faces = 点だけで面がありません。ファイルが途中で切れている可能性があります。
import-warning-picture = 画像 { $name } がないか読めません。面は単色のままにします。
import-warning-textures = 表面の画像(テクスチャー)は除き、単色は残します。
import-warning-left-out = 除いたもの: { $what }
import-warning-crs = ファイルの座標系 { $file_crs } はツインの { $crs } と異なります。変換はしていません。
import-warning-far = 形状がツインの原点から { $kilometres } km に及び、そこでは位置が粗くなります。別のツインに取り込んでください。

add-layer-copying = { $name } をコピーしています
add-layer-done = { $folder }: レイヤー { $layer } を追加しました（{ $files } ファイル、{ $megabytes } MB）。その上には立てません。ベイクもされません。
add-layer-placed-crs = ツインの座標系で配置しました。高さは楕円体からの高さです。
add-layer-placed-east-north-up = ツインに座標系がないため、タイルセットの中心をシーンの原点に置き、東・北・上はそのままにしました。変更するには: --at EAST NORTH UP
add-layer-placed-survey = 座標を測量グリッドの座標とみなしました。変更するには: --at EAST NORTH UP
add-layer-placed-scene = 座標をシーンの座標とみなしました。変更するには: --at EAST NORTH UP
add-layer-placed-given = 中心を --at の位置に置きました。
add-layer-crs = タイルセットを { $crs } で配置できません: { $reason }。中心の位置を指定してください: --at EAST NORTH UP
add-layer-no-pyproj = { $crs } で配置するにはパッケージ pyproj が必要です。インストールするか、中心の位置を指定してください: --at EAST NORTH UP
add-layer-id = { $id } はレイヤー名に使えません。小文字の英字、数字、点、ハイフンを使ってください。
add-layer-disk = ディスクの空きがほとんどありません。コピーした { $megabytes } MB は削除しました。
import-use-add-layer = { $suffix } はタイルセットです。kenish twin add-layer TWIN TILESET でレイヤーとして追加してください。
