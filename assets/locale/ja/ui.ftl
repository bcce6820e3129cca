# ウィンドウとヘッドセットの中で人が読む文。

ui-font-unreadable = フォント { $file } を読み込めません：{ $reason }
ui-fonts-missing = フォントが入っていません。次のPythonパッケージを入れてください：{ $packages }

ui-menu-help = ヘルプ
ui-menu-map = 平面図
ui-menu-messages = メッセージ
ui-menu-language = 言語
ui-menu-settings = 設定
ui-menu-quit = 終了

ui-help-title = キー操作
ui-key-mouse = マウス
ui-key-left-button = 左ボタン
ui-help-walk = 歩く
ui-help-look = 見回す
ui-help-run = 押している間、速く進む
ui-help-teleport = 見ている場所へ移動する
ui-help-fly = 飛行と歩行を切り替える
ui-help-up-down = 飛行中の上昇と下降
ui-help-use = 目の前のものを使う
ui-help-laser = レーザーで指し示す（他の人にも見えます）
ui-help-note = 指した場所にメモを残す
ui-help-message = 他の参加者に書き込む
ui-help-picture = 画像を保存する
ui-help-map = 平面図：クリックでその場所へ移動
ui-help-language = 次の言語
ui-help-settings = 設定
ui-help-viewpoint = 次の視点へ
ui-help-drill = 訓練を始める
ui-help-choose = 訓練の問いに答える
ui-help-help = このヘルプの表示と非表示
ui-help-escape = マウスを解放する、パネルを閉じる
ui-help-note-simulated = 「模擬値」と付いた値は作られた値で、測定値ではありません。

ui-settings-title = 設定
ui-settings-language = 言語
ui-settings-turn = ヘッドセットでの旋回
ui-settings-turn-snap = 段階的
ui-settings-turn-smooth = なめらか
ui-settings-quality = 画質
ui-settings-quality-low = 低
ui-settings-quality-medium = 中
ui-settings-quality-high = 高
ui-settings-sensitivity = マウス感度
ui-settings-fly-speed = 飛行速度

ui-messages-none = メッセージはまだありません。
ui-messages-hint = メッセージを書いてEnterを押す

ui-role-observer = 見学者
ui-role-visitor = 来訪者
ui-role-trainee = 訓練生
ui-role-engineer = 技術者
ui-role-instructor = 指導員
ui-role-admin = 管理者
ui-member-away = 信号なし

ui-simulated = 模擬値
ui-quality-uncertain = 不確か
ui-quality-bad = 異常値
ui-state-normal = 正常
ui-state-warning = 注意
ui-state-alarm = 警報
ui-state-stale = 新しい値なし

ui-drill-step = 手順 { $step } / { $steps }
ui-drill-score = { $score } 点
ui-drill-score-of = { $max } 点中 { $score } 点
ui-drill-passed = 合格
ui-drill-failed = 不合格
ui-drill-aborted = 途中で中止
ui-drill-start = G キーで訓練を始めます。
ui-drill-wait = 続けてください。訓練は進行中です。
ui-drill-paused = 訓練は一時停止中です。
ui-drill-over = 訓練は終わりました。
ui-drill-type-number = 数字を入力して Enter を押してください

ui-notice-connecting = { $address } に接続しています…
ui-notice-reconnecting = 接続が切れました。再接続しています。印は保存されています。
ui-notice-connected = 接続しました。参加者は { $members } 人です。
ui-notice-fictional = 架空の鉱山です。値は模擬値です。
ui-notice-joined = { $name } さんが参加しました。
ui-notice-left = { $name } さんが退出しました。
ui-notice-annotation = { $name } さんのメモ：{ $text }
ui-notice-alarm = 警報：{ $sensor }、{ $value }
ui-notice-teleport-blocked = そこには立てません。
ui-notice-flying = 飛行
ui-notice-walking = 歩行
ui-notice-saved = 保存しました：{ $path }
ui-notice-loading = 鉱山を読み込んでいます…

ui-map-title = 平面図
ui-map-level = { $level } レベル
ui-map-elevation = { $elevation } m
ui-map-here = 現在地
ui-map-north = 北

ui-age-seconds = { $n } 秒
ui-age-minutes = { $n } 分
ui-age-hours = { $n } 時間
ui-age-days = { $n } 日

ui-unit-ppm = ppm
ui-unit-ppb = ppb
ui-unit-percent = %
ui-unit-celsius = °C
ui-unit-m = m
ui-unit-km = km
ui-unit-cm = cm
ui-unit-mm = mm
ui-unit-m-s = m/s
ui-unit-mm-s = mm/s
ui-unit-m3-s = m³/s
ui-unit-m3-h = m³/h
ui-unit-l-s = L/s
ui-unit-mg-m3 = mg/m³
ui-unit-ug-m3 = µg/m³
ui-unit-mg-l = mg/L
ui-unit-ug-l = µg/L
ui-unit-us-cm = µS/cm
ui-unit-ms-cm = mS/cm
ui-unit-mv = mV
ui-unit-kpa = kPa
ui-unit-hpa = hPa
ui-unit-pa = Pa
ui-unit-kw = kW
ui-unit-a = A
ui-unit-ntu = NTU
ui-unit-s = 秒
ui-unit-min = 分
