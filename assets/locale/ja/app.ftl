# アプリのコマンドと画面まわりの文。

display-unknown = ディスプレイ「{ $name }」はありません。使えるもの: { $known }
display-no-gl = このコンピューターでは画像を描けません: { $reason }。「kenish doctor」を実行すると、足りないものが分かります。
display-no-picture = グラフィックスドライバーから画像を読み出せませんでした。
source-outside = { $path } はツインのファイルではありません。
source-unreadable = { $path } を読み込めません: { $reason }
source-lost = { $path } を読み込めません: サーバーに接続できません（{ $reason }）。
source-unlike = { $path } は壊れて届いたか、別のファイルに替わっています。
source-changed = { $path } は開いているものより新しいツインのファイルです。見るには入り直してください。
source-refused = { $path } はもう提供されません: ルームから退出させられました。
source-unlisted = サーバー { $address } は、ツインのどのファイルを保存してよいかを知らせていません。
twin-fetching = { $name } を取得しています（MB）
twin-fetched = { $name } をこのコンピューターに保存しました: { $files } ファイル、{ $mb } MB（うち新規 { $fresh } MB）。同じアドレス・名前・役割の「kenish join」でサーバーなしに開けます。
twin-fetch-restricted = 閲覧制限のある { $n } 個のレイヤーはディスクに保存されません。サーバーが必要です。
twin-fetch-failed = { $n } 個のファイルを取得できませんでした。もう一度実行すると続きから始まります。
source-cache-small = ツインは { $needs } GB ですが、キャッシュの上限は { $has } GB です。--cache-gb で増やしてください。

join-no-answer = { $address } から応答がありません。アドレスと、サーバーが動いているかを確かめてください。
join-offline = { $address } に接続できません。最後に見た状態の鉱山を表示し、応答があり次第ルームに入ります。
join-measured = フレーム時間: p50 { $p50 } ms、p95 { $p95 } ms、p99 { $p99 } ms、最大 { $max } ms。姿勢の遅れ（送信から表示まで）p95: { $age } ms。

bench-checkout-only = 測定はソースコードにだけ含まれ、このインストールにはありません。
bench-unknown = 測定「{ $name }」はありません。測定: { $known }

demo-baking = 鉱山を初めて準備しています
demo-baked = 鉱山は { $folder } に用意できました。
demo-visiting = 鉱山を見学しています
demo-done = 見学が終わりました。画像、記録、数値は { $folder } にあります（{ $frames } フレーム）。
demo-server-failed = デモのサーバーが起動しませんでした: { $reason }
demo-visitor-name = 見学者
demo-companion-name = アイゲリム
demo-companion-hello = 鉱山へようこそ。斜坑を下って主ポンプ座まで来てください。そこの水が酸性になっています。
demo-companion-hello-there = こんにちは。こちらにいます。

app-picture-not-saved = 画像を { $path } に保存できませんでした: { $reason }
app-not-written = { $path } に書き込めません: { $reason }
view-stream-tiles = タイル：表示 { $drawn }、メモリー { $loaded }
view-stream-levels = レベル別：{ $levels }
view-stream-error = 誤差：{ $error_px } px、三角形 { $triangles }、点 { $points }
view-stream-memory = メモリー：{ $megabytes } / { $budget } MB
view-stream-queue = 待ち：{ $pending }、失敗：{ $failed }
view-stream-frame = フレーム：{ $frame_ms } ms
view-stream-keys = V：レベルで色分け、Esc：終了

headset-no-runtime = ヘッドセットのランタイム(OpenXR)が動いていません。デスクトップに表示しています。動き始めると、ヘッドセットに切り替わります。
headset-no-headset = ヘッドセットが接続されていません。デスクトップに表示しています。接続するか装着すると切り替わります。
headset-refused = ヘッドセットを使えません({ $reason })。デスクトップに表示しています。
headset-exited = ヘッドセットから終了を求められました。デスクトップに表示しています。ルームには参加したままです。
headset-lost = ヘッドセットとの接続が切れました。戻るまでデスクトップに表示します。ルームには参加したままです。
headset-back = ヘッドセットが戻りました。
headset-no-surroundings = このヘッドセットでは周囲の部屋を表示できません。
