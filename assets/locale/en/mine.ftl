# Messages about the parameter file of the synthetic mine.
mine-parameters-too-large = { $file } is larger than { $limit } MB: that is no parameter file.
mine-parameters-unreadable = { $file } cannot be read: { $reason }
mine-parameters-not-yaml = { $file }, line { $line }: this is not valid YAML.
mine-parameters-invalid = { $file }: { $key } is not right: { $reason }
