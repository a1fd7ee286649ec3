/** Words that people use around a request, in the syntax of `requests.ts`. */
export const circumstances = {
  fault: `somehow none_of greyed missing_from error errors crash* exception* fail fails failed failing failure* broken bug bugs buggy hang hangs freeze* frozen stuck wrong incorrect incorrectly
    doesn't_work don't_work not_work not_working doesnt_work dont_work didn't_work isn't_working isnt_working isn't_working_right not_right doesn't_seem does_not_seem won't_work stopped_working no_longer_works does_not_work
    unable_to cannot can't_find issue issues problem problems unexpected* unexpectedly weird strange undefined nan null segfault panic* throws throwing
    not_showing doesn't_show not_found nothing_happens blank empty_page missing refused denied timeout timed_out times_out leak* duplicate* conflict
    command_not_found no_such_file permission_denied access_denied connection_reset timing_out unreachable unresponsive hung hanging stops_working stops_responding white_screen black_screen blue_screen white_page
    flicker* glitch* stutter* vanish* disappear* dies dying killed oom oomkilled out_of_memory segfaults segfaulting core_dumped exit_code login_loop redirect_loop corrupt* inconsistent exceeded disallowed
    off_by hour_off day_off upside_down nothing_happened no_response no_output no_sound stays_blank stays_black keeps_growing keeps_asking keeps_dying keeps_crashing keeps_disconnecting twice
    not_displayed not_updating doesn't_update won't_start doesn't_start won't_compile not_recognized invalid unhandled deadlock* garbled stays_empty
    instead_of_the but_i_get but_it but_the_output but_nothing doesn't_appear never_called not_called isn't_being always_returns keeps_getting keeps_saying
    fehler* absturz* abstürz* sturzt funktioniert_nicht geht_nicht klappt_nicht kaputt falsch falsche problem* haengt hangt leer scheitert bricht
    erreur* plante* marche_pas fonctionne_pas marche_plus fonctionne_plus echou* bug probleme* vide bloque*
    error* falla* fallo no_funciona no_me_funciona no_anda no_aparece no_sale no_carga problema* cuelga* roto sale_mal tira_error rompe*
    erro erros nao_funciona nao_aparece quebr* trav* problema* falh* deu_erro nao_carrega nao_abre
    errore* non_funziona non_va non_parte rotto fout fouten werkt_niet doet_het_niet kapot ошибк* не_работает не_запускается падает вылетает сломал* проблем*
    не_отображается не_могу не_получается зависает blad bledu bledy nie_dziala wywala psuje problem* hata* calismiyor olmuyor cokuyor bozuk acilmiyor sorun*
    error_nya tidak_bisa gak_bisa gagal tidak_jalan ga_bisa nggak_bisa rusak kaam_nahi nahi_chal nahi_ho error_aa nahi_aa
    报错 错误 不行 失败 崩溃 出错 异常 不工作 不显示 问题 没反应 不对 无法 不能 不起作用 没有显示 卡住 没有生效 不生效 エラー 動かない 動きません 失敗 落ちる 表示されない 表示されません 例外 うまくいか おかしい できません されない なってしまう
    에러* 오류* 안돼* 안_돼 안되* 안_되나요 안_됩니다 안_돼요 작동하지* 실패* 튕* 이상* 문제* 않아* 않습* ไม่ได้ ไม่ทำงาน`,
  contrast: `but however instead_of instead although even_though expected expect supposed yet still whereas unfortunately suddenly since
    aber sondern statt obwohl erwart* trotzdem immer_noch seit mais au_lieu pourtant toujours depuis pero en_vez en_lugar sin_embargo todavia sigue desde
    mas porem em_vez ainda continua ma invece ancora maar nog_steeds но вместо однако хотя до_сих все_еще ale zamiast nadal ciagle ama hala yerine tapi masih lekin par abhi_bhi
    但 但是 却 可是 还是 仍然 而是 しかし のに ですが けど まだ ても 하지만 는데 여전히 아직 แต่`,
  pointing: `it this that these those them they its it's that's here there one ones such both each either
    es das dies diese dieser dieses diesen dem davon dafur damit jene beide ca cela ce ces celui celle ceux leur eso esto ese esta este esa estos esas lo los las eso_mismo
    isso isto esse essa esses esta deste nisso nele questo quello questi esso dit dat deze die это этот эта эти этого этом его её их там тут него них
    to ten ta te tego tym tam to_samo bu bunu bunun su o onu onun bunlar ini itu nya tersebut tadi ye yeh isko isme iska usko us wo woh is
    这 这个 那 那个 它 这些 这里 其 这样 これ それ この その あれ ここ そこ そう 이거 이것 그거 그것 이건 그건 이 그 여기 거기 อันนี้ นี้`,
  earlier: `the_changes these_changes last_change last_changes your_changes you_made you_did you_removed you_remove you_understood you_created you_changed you_added you_just you_have you've you_were we_discussed we_talked i_agree agree_with
    current_implementation the_current new_version above previous previously earlier before again same second first_one second_one last other another rest remaining you_said you_mentioned you_gave you_wrote
    your your_code your_answer option options third former latter version step steps one_more undo revert back as_well too mentioned suggested proposed
    oben vorher* vorig* nochmal noch_mal wieder gleiche selbe zweite zweiten andere anderen deine dein ersten letzte auch option_a option_b schritt
    precedent* avant encore meme autre autres deuxieme premier ton ta ta_reponse aussi dessus anterior* otra_vez de_nuevo mismo misma segundo segunda otro otra tambien tu primero primera
    de_novo novamente mesmo mesma outro outra tambem seu sua precedente ancora stesso stessa altro altra secondo anche vorige opnieuw zelfde andere tweede ook jouw
    выше снова опять тоже также второй вторую первый другой другие твой ещё еще предыдущ* poprzedni* znowu jeszcze_raz drugi druga inny inne tez twoj twoja
    onceki tekrar ayni ikinci diger baska da de senin tadi lagi sama kedua yang_lain juga pehle wala wale dobara doosra dusra bhi phir
    上面 之前 刚才 再 同样 一样 第二 第一 其他 另外 另一个 你的 你说 也 上一 前面 もう 同じ 前の さっき 二つ目 他の 先ほど 2番目 も 上の 다시 같은 두번째 두_번째 다른 아까 위 너 도 똑같* อีก`,
  carryOn: `yes yep yeah yea no nope ok okay sure continue go_on go_ahead proceed next also now then and so great perfect good cool alright right fine nice done more
    do_it keep_going please_do sounds_good let's_do what_about how_about and_if what_if wait hmm oh well actually
    ja nein doch weiter mach_weiter und also dann jetzt gut genau super nun mach und_wenn was_ist_mit oui non vas-y continue* et alors ensuite maintenant bien parfait d'accord et_si
    si no sigue continua* dale vale y entonces ahora bueno perfecto claro listo y_si sim nao pode continuar pode_fazer e agora entao beleza certo perfeito otimo e_se
    si va_bene continua e allora adesso ora perfetto ga_door ja en dan nu prima да нет давай продолж* а и теперь тогда хорошо отлично ок дальше а_если
    tak nie dalej kontynuuj a teraz wiec dobra super swietnie evet hayir devam peki simdi tamam ve ya ya_da iya tidak lanjut* oke terus kalau sekarang haan nahi aage aur ab theek thik accha
    是 好 好的 继续 那 那么 然后 现在 对 嗯 可以 行 下一步 接下来 はい いいえ 続けて では じゃあ 次 それでは 了解 わかりました うん 네 예 아니* 계속* 그럼 그러면 이제 그리고 응 좋아* 다음* ครับ ต่อ`,
  tweak: `shorter longer simpler simplify more_detail more_details more_concise less different differently in_python in_javascript in_java in_typescript in_c without with_comments
    as_a_table in_english in_one_line elaborate expand example examples another_example more_examples detail rename only just cleaner faster
    kurzer langer einfacher anders ausfuhrlicher ohne beispiel* nur plus_court plus_simple autrement sans exemple* mas_corto mas_simple mas_detalle sin ejemplo* solo
    mais_curto mais_simples sem exemplo* so apenas piu_corto piu_semplice senza esempio* korter zonder voorbeeld* короче проще подробнее без пример* только
    krocej prosciej bez przyklad* tylko daha_kisa daha ornek* sadece lebih contoh* saja tanpa chhota udaharan sirf
    短一点 简单一点 详细 例子 示例 更 只 不要 もう少し 短く 簡単に 詳しく 例 だけ なしで 더 짧게 간단* 자세* 예시* 예제* 만`,
  thanks: `thanks thank thx ty thank_you cheers hi hello hey hiya good_morning good_evening good_afternoon bye goodbye see_you welcome appreciate* great_job awesome amazing lol yo sup nice_work
    tyvm tysm thanx thnx gotcha got_it that's_all no_worries good_night brilliant legend danke hallo moin servus tschuss guten_tag guten_morgen merci bonjour salut bonsoir au_revoir gracias hola adios buenos_dias buenas
    obrigad* ola oi bom_dia boa_tarde valeu tchau grazie ciao buongiorno bedankt dank hoi goedemorgen спасибо привет здравствуй* пока благодар* dzieki dziekuje czesc hej witam
    tesekkur* sagol merhaba selam gunaydin terima_kasih makasih halo selamat dhanyavad shukriya namaste شكرا مرحبا धन्यवाद नमस्ते cam_on xin_chao tack hej_da ahoj dekuji
    谢谢 你好 感谢 您好 再见 多谢 早上好 ありがとう こんにちは こんばんは おはよう さようなら お疲れ 감사* 안녕* 고마* ขอบคุณ สวัสดี`,
  chat: `joke jokes poem poems recipe weather how_are_you who_are_you what_are_you are_you your_name anyone_home anyone_there what's_up how's_it love favorite favourite dinner lunch movie song story sing birthday weekend tired bored
    football coffee cat dog are_you_human are_you_a_bot are_you_there what_can_you_do witz gedicht rezept wetter wie_geht wer_bist blague poeme recette meteo ca_va qui_es chiste poema receta clima como_estas quien_eres
    piada poema receita tudo_bem quem_e_voce barzelletta ricetta come_stai grap recept шутк* анекдот стих* рецепт погод* как_дела кто_ты zart przepis jak_sie fikra siir tarif nasilsin kimsin
    apa_kabar lelucon siapa_kamu kaise_ho chutkula 笑话 诗 天气 你是谁 你好吗 吃什么 冗談 天気 元気 あなたは誰 ジョーク 농담* 날씨* 누구* 점심* 저녁*`,
  artefact: `function functions script scripts class program app application page website component query regex test tests unit_test unit_tests readme documentation docs
    code api endpoint dockerfile workflow template bot game form table schema migration commit_message email letter report file module package plugin extension server client tool dashboard
    method hook macro makefile pipeline config algorithm diagram article story essay cli parser library snippet html css sql
    funktion* skript* klasse* programm* anwendung seite abfrage fonction* classe* programme* page requete* funcion* clase* programa* aplicacion pagina consulta*
    funcao funcoes classe programa aplicativo pagina funzione funzioni script programma pagina functie* klasse функци* скрипт* класс* программ* приложени* страниц* бот* запрос* код*
    funkcj* skrypt* klas* program* aplikacj* stron* fonksiyon* sinif* program* uygulama* sayfa* fungsi* skrip aplikasi halaman* kelas
    函数 脚本 类 程序 代码 页面 网站 组件 应用 接口 测试 関数 スクリプト クラス プログラム コード アプリ ページ コンポーネント テスト 함수* 스크립트* 클래스* 프로그램* 코드* 앱 페이지* 컴포넌트* 테스트*`,
  given: `this_code the_code my_code following_code code_below following below attached here_is here's given_code this_function this_file this_query this_script this_class these_files this_repo
    this_repository codebase the_codebase code_base the_project this_project our_repo this_regex this_output in_this the_file the_following existing here_are this_config this_snippet this_program
    folgende* dieser_code diesen_code mein_code dieses_skript unten ce_code mon_code suivant* voici ci-dessous este_codigo mi_codigo siguiente* aqui_esta esta_funcion
    esse_codigo este_codigo meu_codigo seguinte* abaixo aqui_esta questo_codice mio_codice seguente* ecco deze_code mijn_code volgende этот_код мой_код следующ* вот ниже
    ten_kod moj_kod ponizej oto bu_kod kodum asagidaki iste kode_ini kode_saya berikut ye_code mera_code neeche
    这段代码 以下 下面 下面的 这个函数 代码如下 如下 我的代码 这段 このコード 以下の 次の 下記 この関数 이_코드* 다음* 아래* 내_코드*`,
  mine: `my our we i'm i_am i_have we_have i've we've i_get i_got i_see i_tried im ive i_am_trying i'm_trying i_am_using i'm_using
    mein* unser* wir ich_habe ich_bekomme ich_versuche mon ma mes notre nos nous j'ai j'essaie mi mis nuestro* nuestra* tengo estoy intento me_sale
    meu minha nosso nossa tenho estou tentando mio mia nostro abbiamo ho sto mijn onze ik_heb ik_krijg мой моя мои моё наш* у_меня у_нас я мне
    moj moja moje nasz* mam mamy benim bizim bende var_bende saya kami aku punya mera meri mere hamara mujhe 我的 我们 我 我在 私 僕 うち 弊社 当社 제 내 우리 저`,
  when: `when whenever after while every_time sometimes only_when if_i as_soon since_i today yesterday always never running run ran tried trying
    wenn nachdem sobald manchmal jedes_mal quand apres lorsque chaque_fois parfois cuando despues cada_vez a_veces quando depois sempre_que as_vezes dopo ogni_volta
    wanneer nadat soms когда после иногда каждый_раз gdy kiedy po czasami zawsze sonra bazen her_seferinde ketika setelah saat kadang jab baad kabhi
    时 的时候 之后 每次 有时 后 とき すると たら 後 毎回 때 후 하면 면 가끔`,
  specification: `must should shall requirements require* return returns input output inputs outputs parameters takes accepts given constraints example examples include includes
    using with that_takes that_returns which_takes fields columns each every contains sorted integer string array list of_length
    soll sollen muss mussen eingabe ausgabe parameter mit doit doivent entree sortie avec parametre* debe deben entrada salida con parametro* deve devem entrada saida com
    deve input con moet должен должна должны вход выход параметр* musi powinien powinna wejscie olmali olsun girdi cikti harus masukan keluaran dengan hona_chahiye ho_jaye
    必须 要求 输入 输出 参数 返回 包括 需要 入力 出力 引数 返す 必ず 必要 입력* 출력* 매개변수* 반환* 해야*`,
  negation: `not don't doesn't isn't can't won't no never without didn't wasn't nicht kein* ne pas rien sin no nunca nao nem non senza niet geen не нет ни без nie bez degil yok hic tidak bukan nggak gak ga nahi mat 不 没 没有 ない ません ず 안 못 없*`,
  offer: `would_you_like let_me_know shall_i should_i_also do_you_want if_you_want if_you'd_like want_me_to i_can_also feel_free ready_to need_anything anything_else
    soll_ich mochtest_du sag_bescheid wenn_du_mochtest voulez-vous souhaitez-vous dites-moi quieres si_quieres avisame gostaria quer_que posso vuoi fammi_sapere wil_je laat_me
    хочешь хотите дай_знать chcesz daj_znac ister_misin isterseniz apakah_anda mau_saya ingin_saya chahte 要不要 需要我 如果需要 しましょうか 必要でしたら ましょうか 할까요 드릴까요 원하* 필요하시*`,
  bringIt: `please_provide please_share could_you_share can_you_share paste post send_me show_me provide_the share_the which_version what_version more_details more_information can_you_provide could_you_provide which_of what_does_your
    zeig_mir poste welche schick envoie montre* quelle* muestrame pega comparte cual envie mostre cole qual mostrami incolla quale plak welke пришли покажи какая какой wklej pokaz ktora paylas gonder hangi kirim tempel bhejo dikhao
    请提供 发一下 贴 哪个版本 教えてください 貼って 送って どの 알려주* 보여주* 붙여*`,
  talkOnly: `no_code no_code_yet just_answer just_think just_explain without_modifying without_changing without_coding don't_change don't_modify dont_change don't_code dont_code do_not_code do_not_change
    do_not_modify no_changes don't_write only_explain only_answer discuss q_a brainstorm let's_talk let's_discuss think_about your_thoughts what_do_you_think any_idea any_ideas high_level conceptually in_theory
    kein_code nur_erklaren ohne_anderungen sans_modifier sans_code sin_codigo sin_cambiar no_cambies sem_codigo nao_altere nao_modifique senza_modificare geen_code без_кода не_меняй bez_kodu kod_yazma 不要写代码 不要改 不用改 コードは不要 변경하지`,
  technology: `python javascript typescript java kotlin swift rust golang php ruby elixir erlang haskell scala clojure perl lua dart julia matlab fortran cobol bash powershell zsh sql postgres postgresql mysql sqlite mongodb redis
    react angular vue svelte nextjs nuxt django flask fastapi rails laravel spring express node nodejs deno bun pandas numpy pytorch tensorflow keras sklearn opencv docker kubernetes terraform ansible aws azure gcp linux windows macos ubuntu
    git github gitlab nginx apache kafka rabbitmq graphql html css tailwind unity unreal godot flutter android ios excel vba latex arduino esp32 phoenix ecto otp wordpress c++ c# cpp csharp dotnet asp.net junit pytest jest webpack vite npm yarn pip`,
  task: `sort find count calculate compute get iterate loop split print read draw plot reverse multiply parse filter group fetch download upload store save load send query select show list display
    drop encode decode swap sum average check_if return_a make_copy map reduce join concatenate encrypt decrypt validate detect predict train scrape simulate estimate invent summarize tokenize
    sortier* zahl* berechne* finde zeig* lies calcule* trouve affiche* trie ordena* calcula* encuentra* muestra* lee ordene calcule encontre mostre leia liste calcola trova mostra bereken* toon найди выведи посчитай вычисли отсортируй
    oblicz znajdz wyswietl posortuj hesapla bul listele hitung tampilkan urutkan 计算 求 排序 显示 读取 查找 统计 计算する 求め 表示して 数え 계산* 출력* 정렬* 찾아*`,
};
