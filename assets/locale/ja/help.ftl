# `kenish コマンド --help` の文。入力する語（ロール、単位、モード）は訳さない。
cli-help-example = 例:
cli-help-arguments = 引数
cli-help-options = オプション
cli-help-commands = コマンド
cli-help-help = このヘルプを表示する
cli-help-refused = { $command }: { $reason }。詳しくは: { $command } --help
cli-help-state = 状態フォルダー（既定: ユーザーのデータフォルダー）
cli-help-size = 画像の幅と高さ、ピクセル単位（既定 { $default }）
cli-help-cache = ツインのファイルを保存するフォルダー（既定はユーザーのキャッシュフォルダー）
cli-help-cache-gb = すべてのツインを合わせた上限、ギガバイト（既定は { $default }）

cli-help-demo =
    同梱の鉱山をもう一人と歩きます。画面がなければ、台本どおりの 20 秒の見学を行い、
    画像、記録、数値を残します。
cli-help-demo-twin = 同梱のものの代わりに使うツイン
cli-help-demo-headless = 画面があってもウィンドウを開かない
cli-help-demo-out = 画像、記録、数値のフォルダー（既定 { $default }）
cli-help-demo-bake-only = 同梱のツインをここにベイクして終わる

cli-help-join = ルームに入ります。必要なのはアドレスだけで、鉱山はそこから届きます。
cli-help-join-address = ws://ホスト:ポート/ルーム
cli-help-join-name = 他の人に見える名前
cli-help-join-role = ルームでのロール（既定 { $default }）
cli-help-join-ticket = kenish token で作ったチケット
cli-help-join-ca = wss:// と https:// で、システムのもののほかにこの認証局の証明書（PEM）も信頼する
cli-help-join-display = desktop: ウィンドウ、headset: OpenXR のヘッドセットとウィンドウ、simulator: 頭と両手をキーボードとマウスで動かす、offscreen: ウィンドウなし、auto: ヘッドセットが応答すればそれ、なければ画面があるときはウィンドウ（既定 auto）
cli-help-join-xr-validate = ヘッドセットへの呼び出しをすべて OpenXR に検査させる（遅い。不具合の報告用）
cli-help-join-at = シーンの視点に到着する
cli-help-join-meet = 参加者と向かい合って到着する
cli-help-join-laser = ずっとレーザーで指し示す
cli-help-join-seconds = この秒数で退室し、測定結果を表示する
cli-help-join-picture = 最後のフレームを保存する

cli-help-bench = このコンピューターで Kenish の性能を測ります。NAME より後の語は測定に渡します。
cli-help-bench-name = 測定。あるのは { $known }
cli-help-bench-quick = 回数を減らす

cli-help-doctor = このコンピューターで動くものと、動かないものの直し方を示します。
cli-help-doctor-xr = OpenXR ランタイムとヘッドセットが提供するものすべて。

cli-help-serve =
    ツインを共有します。ルームは PORT、ファイルは HTTP で PORT+1 です。待ち受けを始めると、
    ws、http、rooms、pid を含む JSON を 1 行出力します。
cli-help-serve-twin = ツインのフォルダー
cli-help-serve-room = ルームの名前。繰り返し指定可（既定: シーンの名前）
cli-help-serve-port = 0 は空きポート（既定 { $default }）
cli-help-serve-host = 待ち受けるアドレス。0.0.0.0 ならほかのマシンからも入れる（既定 { $default }）
cli-help-serve-open = このロール以下はチケットなしで入れる: { $roles }
cli-help-serve-tls-cert = wss:// と https:// のための証明書チェーン（PEM）。鍵のパスワードは KENISH_TLS_KEY_PASSWORD から読む
cli-help-serve-tls-key = 証明書の秘密鍵（PEM）
cli-help-serve-origin = このオリジンのページにサーバーの利用を許す（例: https://example.org）。繰り返し指定可
cli-help-serve-trust-proxy = このプロキシが伝える接続元（X-Forwarded-For、X-Forwarded-Proto）を信じる。アドレスまたはネットワーク。繰り返し指定可
cli-help-serve-per-address = 1 つのアドレスから入れる人数（既定 { $default }）
cli-help-serve-record = セッションを MCAP に記録する。既存のフォルダーなら、各ルームをその中の新しいファイルに。上書きはしない
cli-help-serve-record-minutes = この分数ごとに新しいファイルを始める（既定 { $default }）
cli-help-serve-flush-ms = 姿勢をこのミリ秒に1回までしか送らない（既定：数人なら5、100人なら12、負荷が高いとさらに長く）
cli-help-serve-max-members = 1つの部屋に入れる人数（既定 { $default }）
cli-help-serve-simulate = シーンのセンサーを模擬する
cli-help-serve-mqtt = センサーの値を MQTT ブローカーから受け取る
cli-help-serve-drill = この訓練を実施する: drill.yaml または付属の訓練の名前
cli-help-serve-drill-mode = practice は説明つき、drill は説明なしで採点、tour は見せるだけ（既定 practice）
cli-help-serve-drill-profile = どの基準の限度を使うか（既定: 訓練の指定どおり）
cli-help-serve-drill-seed = 時刻と値を決める数（既定 { $default }）
cli-help-serve-drill-autostart = 最初の人が入ったら始める
cli-help-serve-drill-speed = 1 秒あたりに進める訓練の秒数。試すためのもので、記録に残る（既定 { $default }）
cli-help-serve-watch-parent = 標準入力が閉じたら終了する
cli-help-serve-verbose = 標準エラー出力のログを詳しくする
cli-help-serve-drain-seconds = 終了を求められたら参加者に知らせ、この秒数だけ待つ（既定 { $default }）
cli-help-serve-log-format = ログの行の形式: text または json（既定 text）
cli-help-serve-log-level = debug、info、warning、error のどれ以上を記録するか（既定 warning）
cli-help-keep-entries = 新しいログ項目を少なくともこの件数残す（既定 200000）
cli-help-keep-days = この日数のログ項目をすべて残す（既定 365）

cli-help-token = 1 人が数分以内に 1 回だけルームに入れるチケットを作ります。
cli-help-token-room = ルームの名前
cli-help-token-role = その人のルームでのロール
cli-help-token-member = 参加者の仮名 ID（既定: 新しい ID）
cli-help-token-minutes = 有効な分数、5 以下（既定 { $default }）

cli-help-room = 状態フォルダーのルームの一覧、詳細、書き出し、読み込み、削除、バックアップ、圧縮を行います。
cli-help-room-list = 全ルームを件数とともに表示する
cli-help-room-export = ルームを書き出す。--out があれば「room import」で読める 1 つのファイル、なければ記録とコマンドを JSON で
cli-help-room-delete = ルームとその記録をすべて削除する
cli-help-room-name = ルームの名前
cli-help-room-export-out = 書き出すファイル（既定: 標準出力）
cli-help-room-delete-yes = 本当に削除する
cli-help-room-info = 1 つのルームの内容を表示
cli-help-room-import = 「room export」が書いたファイルからルームを作る。同じファイルをもう一度読んでも何も変わらない
cli-help-room-import-file = 読み込むファイル
cli-help-room-import-as = ルームの別の名前
cli-help-room-import-new-epoch = ルームを新しく始める。以前のものを知るプログラムはすべて読み直す
cli-help-room-backup = サーバーの稼働中に状態フォルダーまたは 1 つのルームを複写する。複写も状態フォルダーになる
cli-help-room-backup-name = このルームだけ（既定: 人の情報と秘密鍵を含むすべて）
cli-help-room-backup-out = 作るフォルダー、または空のフォルダー
cli-help-room-compact = サーバーが使っていないルームのログから古い項目を除く。生きている記録は残る

cli-help-people = 拠点が持つ人の情報を扱います。名前、同意、得点はここだけに保存されます。
cli-help-people-list = ここに来た人を名前、拠点、日時とともに表示
cli-help-people-export = 1 人について保存されているものをすべて JSON で出す
cli-help-people-export-out = 書き込むファイル（既定: 標準出力）
cli-help-people-erase = 1 人の名前、同意、得点を消す
cli-help-people-erase-texts = ルームに書いた文も消す。サーバーが使っていないときだけできる
cli-help-people-forget = 長く来ていない人をすべて消す
cli-help-people-forget-older-than = 最後に来てからの日数
cli-help-people-consent = 同意したこと、または取り消したことを記録する
cli-help-people-consent-kind = 何についてか。例: 「recording」
cli-help-people-consent-withdraw = 同意はもう有効でない
cli-help-people-member = 「people list」に出るその人の仮名

cli-help-twin = 鉱山のファイルをツインに取り込み、架空の鉱山をベイクし、ツインを検査します。
cli-help-twin-folder = ツインのフォルダー
cli-help-twin-fetch = 回線のない場所のために、サーバーのツインをこのディスクに保存する
cli-help-twin-import = 鉱山のファイルをツインに取り込む
cli-help-twin-import-files = 鉱山のファイル。それぞれがレイヤーになる
cli-help-twin-import-units = ファイルの座標の単位
cli-help-twin-import-up = ファイルの上下方向の軸
cli-help-twin-import-crs = ファイルの座標系
cli-help-twin-import-name = レイヤーの名前（ファイルが 1 個のときだけ）
cli-help-twin-import-kind = レイヤーが表すもの
cli-help-twin-import-replace = 同じ名前のレイヤーを置き換える
cli-help-twin-import-drift-width = 測量で壁を実測していない坑道の幅、メートル（既定 { $default }）
cli-help-twin-import-drift-height = そのような坑道の高さ、メートル（既定 { $default }）
cli-help-twin-import-block-order = ブロックの値が最も速く並ぶ方向の軸
cli-help-twin-import-cutoff = この値以上のブロックだけを描く
cli-help-twin-import-access = 見られる人：全員、訓練生以上、または技術者以上
cli-help-twin-bake = ツインのレイヤーに足りない詳細レベルを作成するか、架空の鉱山を作成します
cli-help-twin-bake-twin = 作成するツインのフォルダー。中断した作成は続きから再開します
cli-help-twin-bake-reconstruct = このレイヤーの点群に面を張り、新しいレイヤーにする(Open3D が必要)
cli-help-twin-bake-again = 作成済みのレイヤーも作り直す
cli-help-twin-bake-dask = Dask スケジューラのアドレス（ホスト:ポート）。ツインを同じフォルダーで見られるワーカーで処理します
cli-help-twin-bake-synthetic = パラメーターから作る鉱山。ファイルがなければ同梱のパラメーターを使う
cli-help-twin-bake-triangles = 三角形の数、百万単位、0.5 以上 100 以下
cli-help-twin-bake-replace = 既存のツインを置き換える
cli-help-twin-add-layer = ほかで作られたタイルセット (3D Tiles) をそのままレイヤーとして追加する
cli-help-twin-add-layer-tileset = tileset.json、それを含むフォルダー、またはアーカイブ (.3tz)
cli-help-twin-add-layer-id = レイヤー名（省略時はタイルセットのフォルダー名）
cli-help-twin-add-layer-kind = レイヤーが示すもの
cli-help-twin-add-layer-access = 見られる人: 全員、訓練生以上、またはエンジニア以上
cli-help-twin-add-layer-at = タイルセットの中心の測量グリッドでの位置（メートル）
cli-help-twin-add-layer-replace = 同じ名前のレイヤーを置き換える
cli-help-twin-info = ツインの内容を表示する
cli-help-twin-validate = ツインを検査する

cli-help-replay =
    記録をルームとして再生する。"kenish serve" と同じように入り、記録されたものを見る。engineer 以上の役割が
    操作できる（再生、一時停止、移動、速度）。何も保存しない。
cli-help-replay-file = 記録（MCAP ファイル）
cli-help-replay-twin = ツインのフォルダー（既定: 記録時のもの。ここか、ファイルの隣にあるか、付属のものであれば）
cli-help-replay-speed = 1 秒あたりの記録の秒数、0.1 から 16（既定 { $default }）
cli-help-replay-from = 記録の始まりからこの秒数の所で始める
cli-help-replay-loop = 終わりまで来たら最初から繰り返す
cli-help-replay-open = この役割とそれより下の役割を入れる: { $roles }（既定 observer）

cli-help-bots =
    多数の軽い参加者がルームを歩き、受け取ったもの、その古さ、サーバーの応答時間を JSON で報告する。
    Ctrl-C で報告して終わる。
cli-help-bots-n = 参加者の数
cli-help-bots-address = ルームのアドレス
cli-help-bots-rate = 各参加者の毎秒の姿勢の数（既定 { $default }）
cli-help-bots-seconds = 実行する秒数（既定: Ctrl-C まで）
cli-help-bots-commands = 各参加者の毎秒のコマンド数: メモ、メッセージ、削除（既定 { $default }）
cli-help-bots-churn = 参加者が無作為に退出し、回線を失い、戻ってくる。各自おおよそこの秒数ごと（既定 { $default }）
cli-help-bots-role = 参加者の役割（既定 { $default }）
cli-help-bots-ticket-file = チケット。1 行に 1 枚、参加者 1 人に 1 枚
cli-help-twin-view = ルームなしでツインを表示し、読み込みの数値を示す
cli-help-twin-view-out = ウィンドウを開かずに画像を保存する
cli-help-twin-view-levels = タイルをレベルごとに色分けする
