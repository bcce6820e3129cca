# `kenish コマンド --help` の文。入力する語（ロール、単位、モード）は訳さない。
cli-help-example = 例:
cli-help-arguments = 引数
cli-help-options = オプション
cli-help-commands = コマンド
cli-help-help = このヘルプを表示する
cli-help-refused = { $command }: { $reason }。詳しくは: { $command } --help
cli-help-state = 状態フォルダー（既定: ユーザーのデータフォルダー）
cli-help-size = 画像の幅と高さ、ピクセル単位（既定 { $default }）

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
cli-help-join-display = desktop: ウィンドウ、offscreen: ウィンドウなし、auto: 画面があればウィンドウ（既定 auto）
cli-help-join-at = シーンの視点に到着する
cli-help-join-meet = 参加者と向かい合って到着する
cli-help-join-laser = ずっとレーザーで指し示す
cli-help-join-seconds = この秒数で退室し、測定結果を表示する
cli-help-join-picture = 最後のフレームを保存する

cli-help-bench = このコンピューターで Kenish の性能を測ります。NAME より後の語は測定に渡します。
cli-help-bench-name = 測定。あるのは { $known }
cli-help-bench-quick = 回数を減らす

cli-help-doctor = このコンピューターで動くものと、動かないものの直し方を示します。

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

cli-help-token = 1 人が数分以内に 1 回だけルームに入れるチケットを作ります。
cli-help-token-room = ルームの名前
cli-help-token-role = その人のルームでのロール
cli-help-token-member = 参加者の仮名 ID（既定: 新しい ID）
cli-help-token-minutes = 有効な分数、5 以下（既定 { $default }）

cli-help-room = 状態フォルダーのルームの一覧、書き出し、削除を行います。
cli-help-room-list = 全ルームを件数とともに表示する
cli-help-room-export = 記録とコマンドを JSON で書き出す
cli-help-room-delete = ルームとその記録をすべて削除する
cli-help-room-name = ルームの名前
cli-help-room-export-out = 書き出すファイル（既定: 標準出力）
cli-help-room-delete-yes = 本当に削除する

cli-help-twin = 鉱山のファイルをツインに取り込み、架空の鉱山をベイクし、ツインを検査します。
cli-help-twin-folder = ツインのフォルダー
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
cli-help-twin-bake = 架空の鉱山を作る
cli-help-twin-bake-synthetic = パラメーターから作る鉱山。ファイルがなければ同梱のパラメーターを使う
cli-help-twin-bake-triangles = 三角形の数、百万単位、0.5 以上 100 以下
cli-help-twin-bake-replace = 既存のツインを置き換える
cli-help-twin-info = ツインの内容を表示する
cli-help-twin-validate = ツインを検査する
