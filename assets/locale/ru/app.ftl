# Команды приложения и то, что стоит вокруг изображения.

display-unknown = Дисплея «{ $name }» нет. Дисплеи: { $known }.
display-no-gl = На этом компьютере нельзя построить изображение: { $reason }. Запустите «kenish doctor»: он скажет, чего не хватает.
display-no-picture = Не удалось получить изображение от графического драйвера.
source-outside = { $path } не относится к файлам двойника.
source-unreadable = Не удалось загрузить { $path }: { $reason }

join-no-answer = { $address } не отвечает. Проверьте адрес и работает ли там сервер.
join-measured = Время кадра: p50 { $p50 } мс, p95 { $p95 } мс, p99 { $p99 } мс, наибольшее { $max } мс; возраст поз (от отправки до показа), p95: { $age } мс.

bench-checkout-only = Измерения входят в исходный код; в этой установке их нет.
bench-unknown = Измерения «{ $name }» нет. Измерения: { $known }.

demo-baking = Первая подготовка рудника
demo-baked = Рудник готов в { $folder }.
demo-visiting = Осмотр рудника
demo-done = Осмотр окончен. Снимки, запись и показатели лежат в { $folder } (кадров: { $frames }).
demo-server-failed = Сервер демонстрации не запустился: { $reason }
demo-visitor-name = Посетитель
demo-companion-name = Айгерим
demo-companion-hello = Добро пожаловать на рудник. Спуститесь по уклону к главному зумпфу: вода там стала кислой.
demo-companion-hello-there = Здравствуйте! Я здесь, рядом с вами.

app-picture-not-saved = Снимок не удалось сохранить в { $path }: { $reason }
app-not-written = Не удаётся записать { $path }: { $reason }
