/**
 * Words of requests, by category, in many languages. `_` joins the words of a phrase; a trailing `*` matches any ending.
 * Case and accents are ignored.
 */
export const requests = {
  make: `write create generate implement build draft compose produce code develop craft prepare scaffold give_me
    make_a make_an make_me make_the need_a need_an i_want_a i_want_an we_need_a set_up provide_a provide_me design_a
    schreib* erstell* generier* implementier* bau_mir baue programmier* entwirf mach_mir brauche_ein brauche_eine brauche_einen
    ecri* cree creer genere generer fais_moi fais-moi implemente* redige* developpe*
    escrib* crea crear creame genera generar generame haz hazme implementa* redacta* necesito_un necesito_una programa
    escrev* crie criar gere gerar faca implemente desenvolv* preciso_de_um preciso_de_uma monte faz_um
    scriv* creami generami fammi mi_serve sviluppa schrijf* maak bouw genereer*
    напиш* написать создай* создать сделай* сгенерир* реализу* нужен_скрипт составь напиши_мне
    napisz* stworz* utworz* wygeneruj* zrob zaimplementuj przygotuj yaz yazar yazin olustur* buat* buatkan tulis* bikin* bana_do bana_de banao likho likh_do
    напиши створи viet tao hay_viet napis vytvor* skriv skapa اكتب أنشئ लिखिए लिखो बनाओ बनाइए बना_दो
    写一 写个 编写 帮我写 写出 生成 创建 实现 做一个 做个 制作 开发 用_写 写代码 設計して 作って 作成 書いて 書き 実装 生成して 作りたい สร้าง เขียน
    만들어* 작성* 짜줘 생성* 구현* 써줘`,
  change: `convert refactor* port rewrite optimize optimise add remove rename replace update change modify translate
    transform extract move merge simplify clean delete migrate upgrade extend turn_this turn_into append insert apply
    integrate reorganize split adapt format fill include adjust improve make_it make_this make_sure
    umschreib* anderung* ander* ersetz* fuge fug hinzufug* umbenenn* entfern* wandl* konvertier* optimier* ubersetz* erweiter*
    convert* modifi* ajout* remplac* traduis traduire change* refactoris* supprim* renomm*
    anad* agreg* cambi* modific* reemplaz* traduc* elimin* quita* pon ponle pasa pasalo pasame optimiz*
    adicion* alter* troq* troc* mud* substitu* traduz* coloq* coloc* remov* acrescent* atualiz* refator*
    aggiungi* cambia* sostituisci* traduci* togli* voeg verander* vervang* verwijder* vertaal*
    добав* измени* замени* перепиш* удали* убери* переведи* оптимизир* поменя* переименуй*
    dodaj* zmien* zamien* usun* przepisz* przetlumacz* ekle* degistir* sil kaldir* cevir* tambah* ubah* ganti* hapus* jod_do badal* kar_do
    改成 修改 添加 加上 加个 改为 优化 重构 转换 替换 翻译 增加 改一下 删除 追加 変更 変換 修正して 書き換え 直して リファクタ 翻訳 消して 置き換え
    추가* 바꿔* 변경* 수정* 변환* 리팩토링* 삭제* 번역* เพิ่ม แก้`,
  judge: `explain review check analyze analyse audit evaluate verify confirm summarize summarise describe understand
    inspect examine assess look_at walk_me walk_through go_through read study validate critique investigate determine
    what_does_this what_does_the what_this interpret comment_on tell_me_what tell_me_how tell_me_if tell_me_whether tell_me_which
    erklar* pruf* uberpruf* analysier* bewert* schau* beschreib* zusammenfass* verifizier*
    expliq* analys* verifi* relis relire regarde* examin* evalu* resum* decris
    explic* revisa* analiz* verific* mira evalua* resume* describ* dime_si
    expliq* revis* analis* verifiqu* confira olhe avali* resum* descrev* veja
    spieg* controlla* verific* valut* guarda leg_uit controleer* bekijk*
    объясн* провер* проанализ* посмотр* разбер* оцен* опиши* поясн*
    wyjasn* sprawdz* przeanaliz* ocen* opisz* co_robi acikla* incele* kontrol* analiz* ne_yapiyor jelask* periksa* cek samjha* samjhao dekho
    解释 分析 检查 看看 帮我看 讲解 评审 审查 说明 理解 看一下 什么意思 代码的作用 説明 レビュー 確認して 解説 教えて 見て チェック
    설명* 분석* 검토* 리뷰* 확인* 봐줘 봐주* อธิบาย`,
  repair: `fix solve debug resolve troubleshoot repair diagnose correct_the fix_it fix_this get_rid stop_it
    beheb* reparier* losen korrigier* corrig* resou* resoud* repare* arregl* soluciona* resuelv* repara* depura*
    consert* resolv* corrij* sistema risolv* correggi* aggiust* los_op repareer исправ* почини* почин* реши* пофикс* отлад*
    napraw* rozwiaz* duzelt* coz cozum* perbaiki* benerin betulkan theek_kar thik_kar
    修复 解决 修正 调试 改正 找错 纠正 直し デバッグ 解決 고쳐* 해결* 디버그* แก้ไข`,
  weigh: `should_i should_we should_one vs versus better best best_way best_practice best_practices best_approach pros_and_cons pros cons
    trade-off* tradeoff* trade_off trade_offs compare comparison recommend* suggest* advice advis* choose choosing alternatives alternative
    worth which_one which_is or_should prefer* overkill good_idea bad_idea makes_sense make_sense advantages disadvantages
    when_should when_would preferred options considerations opinion versus
    soll_ich sollen_wir sollte_ich sollten_wir besser beste vergleich* empfehl* lohnt* vorteile nachteile abwag* sinnvoll entscheid*
    vaut* mieux meilleur* devrais-je faut-il comparer compare recommand* avantages inconvenients conseil* choisir
    conviene deberia mejor compara* recomienda* recomiendan ventajas desventajas elegir vale_la_pena merece
    devo melhor compar* recomenda* vantagens desvantagens escolher vale_a_pena compensa
    conviene dovrei meglio confronta* consigli* vantaggi scegliere beter vergelijk* aanraden voordelen
    стоит лучше сравн* посовет* выбрать преимущества недостатки плюсы минусы целесообразно
    lepiej lepszy porown* warto wybrac zalety poleca* mi_yoksa karsilastir* oner* tavsiye lebih_baik bandingkan sebaiknya behtar kaun_sa kaunsa
    应该 哪个更 哪个好 比较 对比 优缺点 选择 建议 推荐 最佳 更好 还是 利弊 取舍 べき どちら 比較 メリット デメリット おすすめ 最適 方がいい 方が良い
    비교* 추천* 장단점* 좋을까* 나을까* 어떤게 어느 낫나* ดีกว่า`,
  plan: `plan planning strategy strategies architecture architectural roadmap approach approaches design designing system_design scal* migration_plan
    structure organize requirements constraints budget team users_per million thousand tenants consistency availability sizing capacity
    architektur* strategie* planung konzept vorgehen* arquitectura* estrategia* enfoque arquitetura* architettura* strategi*
    архитектур* стратеги* подход* план plan_gec* mimari* arsitektur rancang*
    架构 方案 策略 规划 设计 アーキテクチャ 設計 方針 戦略 計画 아키텍처* 설계* 전략* 계획* 구조*`,
  depth: `why how_does how_do_they internally under_the_hood in_detail in_depth deeply reason rationale implications prove proof derive derivation
    explain_how explain_why work_internally deep_dive works_internally theory theorem complexity asymptotic
    warum wieso weshalb wie_funktioniert beweis* pourquoi comment_fonctionne por_que como_funciona demuestr* porque como_funciona perche come_funziona
    waarom hoe_werkt почему зачем как_работает как_устроен докажи* dlaczego jak_dziala neden niye nasil_calisiyor kenapa mengapa bagaimana_cara kyu kyun
    为什么 为何 原理 怎么工作 证明 推导 なぜ どうして 仕組み 理由 왜 원리* 이유* ทำไม`,
  howto: `how_to how_do_i how_can_i how_do_you how_would_i how_can_you how_do_we how_can_we how_should_i ways_to a_way_to command syntax one-liner shortcut flag
    what_command which_command how_i_can howto
    wie_kann_ich wie_mache wie_bekomme wie_kann_man wie_macht befehl comment_faire comment_puis-je comment_on commande
    como_puedo como_hago como_se comando como_faco como_posso como_eu come_posso come_faccio come_si hoe_kan_ik hoe_maak
    как_сделать как_мне как_можно команд* jak_zrobic jak_moge jak polecenie nasil_yapilir nasil_yaparim nasil komut bagaimana gimana cara perintah kaise
    怎么 如何 怎样 命令 用什么 どうやって 方法 やり方 コマンド どうすれば 어떻게* 방법* 명령어* ยังไง อย่างไร`,
  define: `what_is what's what_are what's_the what_does whats define definition meaning mean means difference difference_between differ stands_for called name_of
    was_ist was_bedeutet was_sind unterschied* c'est_quoi qu'est-ce qu'est que_signifie difference_entre que_es que_significa que_son diferencia*
    o_que_e o_que_sao diferenca* che_cos'e cosa_e differenza* wat_is verschil* что_такое что_значит чем_отлича* разниц* отлич*
    co_to co_oznacza roznica* czym_sie nedir ne_demek fark* apa_itu apa_beda* beda perbedaan* kya_hai kya_hota farq
    什么是 是什么 区别 意思 とは 違い 意味 何ですか 뭐야 뭔가요 무엇* 차이* 의미* คืออะไร ต่างกัน`,
  can: `is_it_possible can_i could_i is_there are_there does do_i can_you_use is_it does_it do_they has_anyone do_you_know which who when where
    kann_ich gibt_es kann_man ist_es_moglich est-ce y_a-t-il peut-on puis-je se_puede hay_alguna existe posso tem_como ha_como da_para e_possivel si_puo
    kan_ik is_er можно_ли есть_ли можно czy_mozna czy_jest czy mumkun var_mi apakah bisa_kah kya_ho_sakta
    可以 能不能 能否 有没有 是否 できますか ありますか 可能 ですか ますか 있나요 되나요 가능* 할_수_있나요 ได้ไหม`,
  judgeWhether: `is_this_right is_this_correct is_it_correct is_that_correct correct right is_this_ok is_this is_my are_my does_this do_these does_it_look
    any_bugs any_issues any_problems anything_wrong thoughts feedback safe thread_safe thread-safe secure vulnerable vulnerabilit* leak leaks quality
    what_happens what_would_happen what's_missing missing_anything smell smells complexity opinion on_this can_be_improved improvements race injectable
    ist_das_richtig stimmt passt korrekt ist_das sicher qu'en_penses est_correct c'est_correct es_correcto esta_bien que_opinas es_seguro
    esta_certo esta_correto e_seguro o_que_acha va_bene e_corretto klopt правильно корректно безопасно что_думаешь poprawnie poprawny bezpiecz* dogru_mu guvenli
    对吗 正确吗 有问题吗 有没有问题 怎么样 安全吗 有什么问题 合ってい 正しい 問題ない 大丈夫 맞나요 괜찮* 맞아* 문제없* 문제_없나요`,
  want: `i_want i_need i'd_like i_would_like we_need we_want please pls plz can_you could_you would_you help_me let's lets i_have_to need_to want_to you_should
    ich_mochte ich_will ich_brauche bitte kannst_du konntest_du je_veux je_voudrais peux-tu pouvez-vous merci_de s'il quiero necesito puedes podrias por_favor
    quero preciso pode voce_pode poderia por_favor me_ajude voglio vorrei puoi per_favore ik_wil graag kun_je хочу нужно надо можешь пожалуйста помоги*
    chce potrzebuje prosze mozesz istiyorum lazim lutfen misin tolong mohon bisa_tolong saya_mau saya_ingin mujhe chahiye please_kar
    请 帮我 帮忙 我想 我要 需要 麻烦 ください お願い したい ほしい 欲しい 주세요 해줘 해주* 싶* 부탁* 필요* ช่วย`,
};
