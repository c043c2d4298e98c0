"""The causes of failed visits that an installation begins with, the most common first."""

from govdesk.catalog.entries import CauseEntry, Name

DEFAULT_CAUSES = (
    CauseEntry(
        "missing_document",
        Name("ورقة لم نطلبها أول مرة", "A paper we did not ask for the first time"),
        is_knowledge=True,
    ),
    CauseEntry("wrong_information", Name("معلومة خاطئة منا", "Wrong information from us"), is_knowledge=True),
    CauseEntry("not_ready", Name("لم تكن جاهزة في موعدها", "Not ready when promised")),
    CauseEntry("chase", Name("جاء يسأل أين وصل أمره", "Came to ask where the matter stands")),
    CauseEntry("system_down", Name("تعطّل النظام", "System down")),
    CauseEntry("office_error", Name("خطأ من المكتب", "Office error")),
    CauseEntry("citizen_side", Name("نسي ورقة طلبناها", "Forgot a paper we asked for")),
    CauseEntry("unclear_letter", Name("رسالة غير واضحة", "Unclear letter"), is_knowledge=True),
    CauseEntry("other", Name("لم تُقضَ الحاجة أول مرة لسبب آخر", "Need not met the first time: other")),
)
