# Двойники и импорт. Имена файлов, числа и термины форматов приходят аргументами.

scene-not-yaml = { $file }: не читается как YAML (строка { $line }).
scene-invalid = { $file }: ошибка в { $key }: { $reason }
scene-no-twin = { $folder } — не двойник: в папке нет scene.yaml.
scene-too-large = { $file } больше { $limit } МБ.
scene-unreadable = Не удаётся прочитать { $file }: { $reason }
tileset-broken = { $file }: набор тайлов не читается: { $reason }
tile-broken = { $file }: тайл не читается: { $reason }
tile-extension = { $file }: нужны расширения glTF, которых Kenish не читает: { $extensions }.
tile-package = { $file }: не читается без пакета { $package } (как его установить, скажет kenish doctor).
walk-broken = { $file }: поверхность для ходьбы не читается: { $reason } Выполните bake или import заново.
bake-empty-layer = В слое { $layer } нет ничего, что можно нарисовать.

scenes-baking = Подготовка { $name }
scenes-bake-stopped = Остановлено. Двойник { $folder } остался цел: каждый слой либо прежний, либо уже новый. Та же команда продолжит с этого места.
scenes-bake-done = Готово: { $folder }; слоёв { $layers }, тайлов { $tiles }, треугольников { $triangles }, { $megabytes } МБ.
scenes-no-points = Слоя точек с именем { $layer } нет.
scenes-needs-open3d = Для поверхности по точкам нужен Open3D, он не установлен (для Python 3.13 готового пакета нет). Установите { $extra }.
scenes-bake-what = Укажите, что подготовить: папку двойника или --synthetic.
scenes-bake-out = Укажите, куда записать вымышленный рудник: --out TWIN.
scenes-bake-dask-twin = --dask работает с готовым двойником: kenish twin bake TWIN --dask ADDRESS
scenes-dask-missing = Для --dask нужен пакет «distributed». Установите kenish[dask].
scenes-dask-silent = По адресу { $address } планировщик Dask не отвечает: { $reason }
scenes-dask-no-workers = У кластера Dask { $address } нет исполнителей.
scenes-dask-worker = У исполнителя Dask { $worker } нет Kenish, или он не видит папку { $folder }. { $reason }
scenes-dask-lost = Кластер Dask по адресу { $address } потерян во время обработки ({ $reason }). Двойник не повреждён; та же команда продолжит с этого места.
scenes-twin-exists = { $folder } — уже двойник. Добавьте --replace, чтобы сделать его заново.
scenes-imported = { $file }: { $format }, загружен как { $layers }
scenes-count-triangles = треугольников: { $count }
scenes-count-points = точек: { $count }
scenes-count-lines = отрезков: { $count }
scenes-count-nodes = съёмочных точек: { $count }
scenes-count-blocks = блоков: { $count }
scenes-bounds = {"  "}границы: x { $x }, y { $y }, z { $z }
scenes-frame = {"  "}единицы: { $units }; оси: { $axes }; система координат: { $crs }
scenes-guess = {"  "}предположение: { $text } (изменить: { $option })
scenes-repair = {"  "}исправлено: { $text }
scenes-warning = {"  "}внимание: { $text }
scenes-import-done = { $folder }: { $count ->
    [one] загружен { $count } файл.
    [few] загружено { $count } файла.
   *[other] загружено { $count } файлов.
}
scenes-import-refused = Отклонено файлов: { $count } из { $total }.
scenes-info = { $name }: система координат { $crs }, начало { $origin }
scenes-info-layer = { $id }: { $kind }, { $content }, тайлов { $tiles }, треугольников { $triangles }, точек { $points }, { $megabytes } МБ
scenes-info-levels = {"  "}тайлов по уровням, начиная с самого грубого: { $levels }; самый большой — { $kilobytes } кБ
scenes-info-rest = мест { $places }, точек обзора { $viewpoints }, датчиков { $sensors }
scenes-valid = { $folder } — исправный двойник.
scenes-not-valid = { $folder }: { $count ->
    [one] { $count } ошибка.
    [few] { $count } ошибки.
   *[other] { $count } ошибок.
}
scenes-missing = Слой { $layer }: нет файла { $file }.
scenes-outside = Слой { $layer }: { $file } ведёт за пределы папки двойника.
scenes-no-such-id = { $owner }: { $key } называет { $id }, а его нет.
scenes-no-walk = В { $folder } нет поверхности для ходьбы: стоять негде. Выполните bake или import заново.

import-one-name = --name годится для одного файла, а дано { $count }.
import-out-occupied = { $folder } уже существует, и это не двойник. Выберите другую папку для --out.
import-layer-exists = { $file }: слой { $layer } в двойнике уже есть. Добавьте --replace или задайте другое имя через --name.
import-layer-twice = { $file }: слоем { $layer } стал более ранний файл этого же импорта. Загрузите его отдельно с --name.

import-no-file = { $file }: такого файла нет.
import-unreadable = Не удаётся прочитать { $file }: { $reason }
import-no-bytes = { $file } пуст.
import-no-library = { $file }: для чтения нужен пакет Python { $name }. Установите kenish[bake].
import-no-memory = { $file } требует больше памяти, чем есть, или вложен слишком глубоко.
import-too-large = { $file }: { $megabytes } МБ, больше предела { $limit } МБ. Выгрузите по частям.
import-too-many = { $file }: элементов { $count }, больше предела { $limit }. Выгрузите по частям.
import-inflates = { $file }: { $what } при распаковке превышает { $limit } МБ.
import-cut-short = { $file } обрезан или повреждён: ожидалось { $expected }, есть { $found }. Скопируйте или выгрузите его заново.
import-damaged = { $file } повреждён или не соответствует своему имени: { $detail }. Выгрузите его заново.
import-bad-index = { $file }: { $what } ссылается на несуществующие точки (всего их { $vertices }). Скопируйте или выгрузите файл заново.
import-nothing-in-it = В { $file } нет геометрии, которую можно показать.
import-nothing-left = { $file }: после удаления негодной геометрии (без площади или без конечных координат) ничего не осталось.
import-too-far = { $file }: координаты больше { $limit } м. Проверьте единицы (--units) или выгрузите файл заново.
import-version = { $file }: это { $version }; Kenish читает { $known }. Выгрузите в этой версии.
import-unknown-format = { $file }: файлы { $suffix } не читаются. Выгрузите в один из форматов { $known }.
import-xml-doctype = { $file }: XML с объявлением типа документа не принимается. Выгрузите без него.
import-x-up = { $file }: вертикальной объявлена ось x. Выгрузите с осью z вверх.
import-ply-strips = { $file }: полосы треугольников не читаются. Выгрузите с обычными гранями.
import-gltf-extension = { $file } требует расширения glTF { $name }, которое не читается. Выгрузите без сжатия.
import-missing-companion = { $file } ссылается на { $name }, но рядом его нет. Положите оба в одну папку или выгрузите .glb.
import-extended = { $file } — развёрнутый разрез, а не съёмка в пространстве. Выгрузите саму съёмку.
import-no-legs = В { $file } нет подземных ходов съёмки.
import-omf-beta = { $file } — предварительная версия OMF 2, которую уже никто не пишет. Выгрузите OMF 1 или OMF 2.
import-bad-option = { $file }: нет признака блоков { $name }; есть: { $known }.

import-use-deswik = { $file }: { $suffix } — файл Deswik, его читает только Deswik. Выгрузите из Deswik.CAD в OMF или OBJ.
import-use-vulcan = { $file }: { $suffix } — файл Maptek Vulcan, его читает только Vulcan. Выгрузите из Vulcan в OMF или OBJ.
import-use-datamine = { $file }: { $suffix } — файл Datamine, его читает только Datamine. Выгрузите из Studio в OMF или OBJ.
import-use-leapfrog = { $file }: { $suffix } — файл Leapfrog, его читает только Leapfrog. Выгрузите из Leapfrog в OMF или OBJ.
import-use-surpac = { $file }: файлы Surpac { $suffix } пока не читаются. Выгрузите из Surpac в OMF или OBJ.
import-use-cad = { $file }: файлы { $suffix } пока не читаются. Выгрузите из САПР в OBJ, STL или glTF.
import-use-model = { $file }: файлы { $suffix } не читаются. Выгрузите из программы моделирования в glTF (.glb) или OBJ.
import-use-cloud = { $file }: облака точек { $suffix } пока не читаются. Выгрузите в PLY, например из CloudCompare.
import-use-terrain = { $file }: сетки рельефа { $suffix } пока не читаются. Выгрузите рельеф как OBJ или PLY.
import-use-survex = { $file }: { $suffix } — исходные данные съёмки. Обработайте их в Survex (cavern) или Therion и загрузите файл .3d.
import-use-unpacked = { $file }: архивы не читаются. Распакуйте и загрузите файлы.

import-guess-metres = метры: единица в файле не указана, а размер { $extent } подходит для рудника в метрах.
import-guess-millimetres = миллиметры: размер { $extent } слишком велик для рудника в метрах.
import-guess-up-z = ось z вверх: в файле не указано; размеры { $x } на { $y } на { $z }.
import-guess-up-y = ось y вверх: в файле не указано, а y намного короче остальных: { $x } на { $y } на { $z }.
import-guess-up-z-not-y = ось z вверх, хотя в файле объявлена y: размеры { $x } на { $y } на { $z }, а рудник шире, чем выше; { $share } % поверхности обращено вдоль z.
import-guess-up-y-not-z = ось y вверх, хотя в файле объявлена z: размеры { $x } на { $y } на { $z }, и вдоль z обращено { $share } % поверхности.
import-guess-crs = местная сетка: система координат в файле не названа.
import-guess-drift-size = сечение выработок: у { $measured } точек стенки измерены, у { $shots } есть замеры до стенок, у { $default } нет ни того ни другого, для них { $width } на { $height } м.
import-guess-block-order = значения блоков идут быстрее всего вдоль { $order }: тогда у богатой половины блоков видно граней { $faces }, а при другом порядке { $other }; руда лежит вместе.
import-guess-block-order-tied = принято, что значения блоков идут быстрее всего вдоль u, как пишет большинство программ: подходят оба порядка.
import-guess-blocks-solid = блоки, у которых { $name } — «{ $label }», не рисуются; нарисовано { $drawn }.
import-guess-blocks-all = нарисованы все блоки, цвет по { $name }.

import-repair-not-finite = удалено точек с координатами, которые не являются числами: { $count }.
import-repair-degenerate = удалено треугольников или отрезков без размера: { $count }.
import-repair-duplicate = удалено повторных треугольников: { $count }.
import-repair-welded = объединено вершин с совпадающим положением: { $count }.
import-repair-legs = пропущены ходы съёмки: замеров до стенок { $splay }, на поверхности { $surface }, повторных { $duplicate }, без длины { $zero }, длиннее километра { $long }.

import-warning-trailing = После конца данных пропущено байт: { $bytes }.
import-warning-no-newline = У последней строки нет конца: файл может быть обрезан.
import-warning-last-line = Последняя строка неполная и пропущена: файл обрезан.
import-warning-missing-vertices = Треугольников, которые ссылаются на несуществующие точки: { $count }; они пропущены, файл может быть обрезан.
import-warning-no-faces = Только точки, граней нет: файл может быть обрезан.
import-warning-picture = Изображение { $name } отсутствует или не читается; поверхности сохраняют простой цвет.
import-warning-textures = Изображения на поверхностях (текстуры) пропущены; простые цвета сохранены.
import-warning-left-out = Пропущено: { $what }.
import-warning-crs = Система координат файла { $file_crs } не та, что у двойника ({ $crs }); пересчёта не было.
import-warning-far = Геометрия уходит на { $kilometres } км от начала координат двойника: положения там грубые. Загрузите её в отдельный двойник.

add-layer-copying = Копирование { $name }
add-layer-done = { $folder }: добавлен слой { $layer }, файлов: { $files }, { $megabytes } МБ. Стоять на нём нельзя; он не перестраивается.
add-layer-placed-crs = Размещён по системе координат двойника; высоты над эллипсоидом.
add-layer-placed-east-north-up = У двойника нет системы координат: середина набора тайлов в нуле сцены, его восток, север и верх сохранены. Изменить: --at EAST NORTH UP
add-layer-placed-survey = Его координаты приняты за координаты маркшейдерской сетки. Изменить: --at EAST NORTH UP
add-layer-placed-scene = Его координаты приняты за координаты сцены. Изменить: --at EAST NORTH UP
add-layer-placed-given = Середина размещена там, где указано в --at.
add-layer-crs = Набор тайлов не разместить по { $crs }: { $reason }. Укажите, где его середина: --at EAST NORTH UP
add-layer-no-pyproj = Чтобы разместить набор тайлов по { $crs }, нужен пакет pyproj. Установите его или укажите середину: --at EAST NORTH UP
add-layer-id = { $id } не годится как имя слоя: строчные латинские буквы, цифры, точки и дефисы.
add-layer-disk = Диск почти полон: скопировано { $megabytes } МБ, они удалены.
import-use-add-layer = { $suffix } — набор тайлов: добавьте его слоем командой kenish twin add-layer TWIN TILESET.
