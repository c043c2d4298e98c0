"""What people of the demo city write, and what comments are about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Saying:
    """Something that is written by who feels so (from one to five), and its theme."""

    ar: str
    en: str
    theme: str
    low: int = 1
    high: int = 5

    def text(self, language: str) -> str:
        """In the language of who writes it."""
        return self.ar if language == "ar" else self.en


THEMES = {
    "waiting": ("الانتظار", "Waiting"),
    "papers": ("الأوراق المطلوبة", "Papers to bring"),
    "manner": ("تعامل الموظفين", "How staff treat people"),
    "system": ("أعطال النظام", "System failures"),
    "place": ("المكان والمقاعد", "The place and its seats"),
}
COMMENTS = (
    Saying(
        "انتظرت أكثر من ساعة ولم يقل لي أحد لماذا.",
        "I waited for more than an hour and nobody told me why.",
        "waiting",
        high=3,
    ),
    Saying(
        "الانتظار طويل بين الثامنة والعاشرة.", "The wait is long between eight and ten.", "waiting", high=4
    ),
    Saying(
        "طلبوا مني ورقة لم تُذكر في الموقع.",
        "They asked for a paper that the site does not name.",
        "papers",
        high=3,
    ),
    Saying("عدت مرتين بسبب صورة ناقصة.", "I came twice because of one missing copy.", "papers", high=2),
    Saying(
        "النظام تعطّل وأنا عند الشباك.", "The system went down while I was at the counter.", "system", high=3
    ),
    Saying(
        "أرجو الاتصال بي على 0501234567 لأشرح ما حدث.",
        "Please call me on 0501234567, I will explain.",
        "manner",
        high=2,
    ),
    Saying("شكرًا لسلمى، كانت متعاونة جدًا.", "Thank you Salma, she was very helpful.", "manner", low=4),
    Saying("خدمة سريعة وتعامل راقٍ.", "Quick service and kind people.", "manner", low=4),
    Saying("أنجزت معاملتي في عشر دقائق.", "I was done in ten minutes.", "waiting", low=4),
    Saying("لا مقاعد كافية لكبار السن.", "There are not enough seats for older people.", "place", high=4),
)
REMARKS = (
    Saying("اجعلوا المواعيد أكثر في الصباح.", "Offer more appointments in the morning.", "waiting", high=4),
    Saying(
        "وضّحوا الأوراق المطلوبة قبل الحضور.",
        "Say clearly which papers are needed before one comes.",
        "papers",
        high=4,
    ),
    Saying(
        "درّبوا الموظفين على شرح سبب الرفض.", "Let staff explain why something is refused.", "manner", high=3
    ),
    Saying("أصلحوا النظام فهو يتوقف كل أسبوع.", "Mend the system: it stops every week.", "system", high=3),
    Saying("استمروا، تحسّن كبير هذه السنة.", "Go on like this, it has become much better.", "manner", low=4),
    Saying("زيدوا مواقف السيارات والمقاعد.", "More parking and more seats, please.", "place"),
)
