# Сообщения о файле параметров синтетического рудника.
mine-parameters-too-large = { $file } больше { $limit } МБ: это не файл параметров.
mine-parameters-unreadable = Не удаётся прочитать { $file }: { $reason }
mine-parameters-not-yaml = { $file }, строка { $line }: это не YAML.
mine-parameters-invalid = { $file }: неверное значение { $key }: { $reason }
