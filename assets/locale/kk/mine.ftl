# Синтетикалық кеніштің параметрлер файлы туралы хабарлар.
mine-parameters-too-large = { $file } { $limit } МБ-тан үлкен: бұл параметрлер файлы емес.
mine-parameters-unreadable = { $file } файлын оқу мүмкін емес: { $reason }
mine-parameters-not-yaml = { $file }, { $line }-жол: бұл YAML емес.
mine-parameters-invalid = { $file }: { $key } мәні қате: { $reason }
