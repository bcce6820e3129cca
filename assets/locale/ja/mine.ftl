# 合成鉱山のパラメータファイルに関するメッセージ。
mine-parameters-too-large = { $file } は { $limit } MB を超えています。パラメータファイルではありません。
mine-parameters-unreadable = { $file } を読み込めません: { $reason }
mine-parameters-not-yaml = { $file } の { $line } 行目: YAML として正しくありません。
mine-parameters-invalid = { $file }: { $key } の値が正しくありません: { $reason }
