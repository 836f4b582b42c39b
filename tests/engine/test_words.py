"""Words that people really type for help, to be deleted, to get on: the same in each language of ours."""

import pytest

from bot.engine.reading import normalise
from bot.service import Content

TYPED = {
    "help": {
        "en": ["help me", "I need help", "Emergency!", "how does this work?"],
        "es": ["necesito ayuda", "¡Emergencia!", "ayúdenme", "¿cómo funciona?"],
        "fr": ["aidez-moi", "j’ai besoin d’aide", "Urgence !", "comment ça marche ?", "comment ?"],
    },
    "delete": {
        "en": ["delete my data", "delete everything", "delete all"],
        "es": ["borra mis datos", "borra todo", "eliminar todo", "borra"],
        "fr": ["supprime mes données", "supprime tout", "efface", "efface tout"],
    },
    "skip": {
        "en": ["I don’t know", "I dont know", "no idea"],
        "es": ["no lo sé", "no tengo idea"],
        "fr": ["je ne sais pas", "aucune idée"],
    },
    "stop": {"en": ["no more lessons"], "es": ["no más mensajes"], "fr": ["plus de leçons"]},
    "feedback": {"en": ["my opinion", "comment"], "es": ["mi opinión", "sugerencias"], "fr": ["mon avis", "remarques"]},
    "lessons": {"en": ["all lessons"], "es": ["todas las lecciones"], "fr": ["toutes les leçons"]},
    "ask": {"en": ["I have a question"], "es": ["tengo una pregunta"], "fr": ["j’ai une question"]},
    "talk:who": {"en": ["are you a robot?"], "es": ["¿eres un robot?"], "fr": ["t’es un robot ?"]},
    "talk:bye": {"en": ["see you tomorrow"], "es": ["hasta mañana"], "fr": ["à demain"]},
}


@pytest.mark.parametrize("meaning", TYPED)
def test_what_people_type_is_known_in_each_language(content: Content, meaning: str):
    for language, typed in TYPED[meaning].items():
        known = content.library.typed(language)
        assert {words for words in typed if known.get(normalise(words)) != meaning} == set(), language
