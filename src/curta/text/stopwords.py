"""Words that carry no topic, per language: articles, pronouns, auxiliaries, question words, "say"."""

STOP_WORDS = {
    "en": "a about also am an and any are aren as at be because been before being between both but by can cannot "
    "could couldn d did didn do does doesn doing don done each for from had hadn has hasn have haven having he her "
    "here hers him himself his how i if in into is isn it its itself just let ll m many may me might mine more most "
    "much must my myself no nor not of off on once one only or other our ours out over own re really s said same "
    "say says shall she should shouldn so some such t than that the their theirs them themselves then there these "
    "they this those through to too under until up upon us ve very was wasn we were weren what when where whether "
    "which while who whom whose why will with won would wouldn yes you your yours yourself",
    "de": "aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei beim bin bis bist "
    "da dabei dadurch damit dann das dass dazu dein deine dem den denn der des dessen deshalb die dies diese diesem "
    "diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es etwas euch euer für ge gegen "
    "gibt habe haben hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja "
    "jede jedem jeden jeder jedes jene kann kein keine keinem keinen keiner können könnte man mehr mein meine mich "
    "mir mit muss nach nicht nichts noch nun nur ob oder ohne sagt sagte schon sehr sein seine seinem seinen seiner "
    "seit sich sie sind so solche soll sollte sondern sonst um und uns unser unter viel viele vielen vom von vor "
    "wann war waren warum was weil welche welchem welchen welcher welches wem wen wenn wer werde werden wessen "
    "weshalb wie wieso wieviel will wir wird wo woher wohin womit worin wurde wurden würde zu zum zur zwischen über",
    "fr": "a ai ainsi alors après as au aucun aussi autre autres aux avait avaient avant avec avez avoir beaucoup c "
    "ce ceci cela celle celles celui ces cet cette ceux chez comme comment d dans de des dit donc dont du elle "
    "elles en encore entre es est et étaient était été êtes être eu eux fait faut furent fut il ils j je jusqu l la "
    "laquelle le lequel les lesquels leur leurs lors lui m ma mais me même mes moi mon n ne ni nos notre nous on "
    "ont ou où par parce pas pendant peu peut plus pour pourquoi puis qu quand quel quelle quelles quels que qui "
    "quoi s sa sans se sera ses si son sont sous sur t ta te tes toi ton tous tout toute toutes tu très un une vos "
    "votre vous y à ça combien",
    "es": "a además al algo algunos ante antes aquel aquella así aunque cada como con contra cual cuales cuando "
    "cuanta cuantas cuanto cuantos cuál cuáles cuándo cuánta cuántas cuánto cuántos cómo de del desde dice dijo "
    "donde dónde durante e el él ella ellas ellos en entonces entre era eran eres es esa esas ese eso esos esta "
    "estaba estaban estas este esto estos está están estar fue fueron ha había habían han hasta hay he la las le "
    "les lo los más me mi mis mucho muchos muy no nos nosotros o os otra otras otro otros para pero poco por porque "
    "pues que quien quienes quién quiénes qué se sea ser si sido sin sobre son su sus sí también tan te tiene "
    "tienen toda todas todo todos tu tus un una unas uno unos y ya yo",
    "it": "a ad agli ai al alla alle allo anche ancora aveva avevano c che chi ci come con contro cosa cui d da "
    "dagli dai dal dalla dalle dallo degli dei del della delle dello dentro di dice disse dopo dov dove due e ed "
    "era erano essere fra fu furono gli ha hanno ho i il in io l la le lei li lo loro lui ma me mi mia mio molti "
    "molto ne negli nei nel nella nelle nello noi non nostro o ogni per perché però più poi poco prima qual quale "
    "quali quando quanta quante quanti quanto quel quella quelle quelli quello questa queste questi questo qui se "
    "senza si sia sono sopra sotto sta stata state stati stato su sua sue sugli sui sul sulla sulle suo suoi tra tu "
    "tutta tutte tutti tutto un una uno vi voi è",
    "pt": "a ainda ao aos aquela aquele as assim até com como contra cuja da das de dela dele deles depois desde "
    "dessa desse desta deste disse diz do dos e ela elas ele eles em entre era eram essa essas esse esses esta "
    "estas estava este estes está estão eu foi foram há isso isto já la lhe lo mais mas me mesmo meu minha muito "
    "muitos na nas nem no nos não nós num numa o onde os ou outra outro outros para pela pelas pelo pelos pode por "
    "porque porquê pouco qual quais quando quanta quantas quanto quantos que quem quê se seja sem ser seu seus sido "
    "sobre sua suas são só também te tem tinha tinham toda todas todo todos tu um uma umas uns você vocês à às é",
    "nl": "aan al alle alleen als altijd ander andere anders ben bij binnen daar daarom dan dat de deze die dit "
    "doch doen door dus een eens en er had hadden heb hebben heeft hem hen het hier hij hoe hoeveel hun iets ik in "
    "is ja je jij jullie kan kon kunnen maar mag me meer men met mij mijn moet na naar niet niets nog nu of om "
    "omdat onder ons onze ook op over sinds te tegen ten ter toch toen tot tussen u uit uw van veel vele voor waar "
    "waarom waren was wat wel welk welke werd werden wie wij wil worden wordt zal ze zei zich zij zijn zo zoals "
    "zonder zou zouden wanneer",
    "ru": "а без более бы был была были было быть в вам вас весь во вот все всё всего всех вы где да даже для до "
    "его ее её если есть еще ещё же за здесь и из или им их к как какая какие какой каков ко когда который которые "
    "которая кто ли лишь меня мне может мой мы на над надо нам нас не него нее ней нет ни никто них но ну о об "
    "однако он она они оно от очень по под почему при про с сам сейчас сказал сказала сколько со так также такой "
    "там тебя тем то того тоже только том тот ту ты у уже чего чем что чтобы чья эта эти это этого этой этом этот я",
    "ar": "ما من هو هي هم في علي الي عن متي اين كم كيف لماذا ماذا اي التي الذي الذين هل كان كانت يكون تكون قد لقد "
    "هذا هذه "
    "ذلك تلك هناك هنا ان لا لم لن او و ثم كما بعد قبل مع بين عند حيث اذا كل بعض غير حتي منذ خلال ايضا له لها لهم به "
    "بها فيه "
    "فيها عليه عليها منه منها مما بما فما وما وهو وهي وقد وكان وكانت يتم تم",
}

# Characters that carry no topic in scripts without spaces: a bigram that holds one of them is left out.
STOP_CHARACTERS = {
    "zh": "的了是在和与及吗呢么什哪谁几怎为何个这那它他她们我你有被把对从到于之也都就而但或以所其被将会",
    "ja": "はがをにへとでのもやかよねだですますたてるいうあるこそれどなん何",
}
