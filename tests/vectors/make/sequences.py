"""The sequences of store.json: which files come when, and the alarms that are meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.vectors.make.worlds import AT_S


@dataclass(frozen=True)
class Step:
    """One update: its files by name, and the alarms that its author means."""

    files: tuple[str, ...]
    alarms: tuple[str, ...] = ()
    at_s: int = AT_S


_FIVE: Final = Step(("l5",))
SEQUENCES: Final[tuple[tuple[str, str, str, Sequence[Step]], ...]] = (
    ("ordinary", "全量、增量、历史并存", "full lists, deltas and history", (
        Step(("l1", "d12", "d23")), Step(("d34", "d12", "l2")), Step(("l5", "l1")),
        Step(("b1", "b2", "d56")), Step(("d56", "d67")), Step(("l5", "l7")))),
    ("order", "次序不要紧", "order does not matter", (
        Step(("d34", "d12", "b3", "d23", "l1", "b2")),
    )),
    ("rollback", "列表后退", "a list goes back", (
        _FIVE, Step(("l4",), ("store.rollback",)), Step(("d34",), ("store.rollback",)),
        Step(("l4", "l5")))),
    ("fork", "同一期号两份内容", "two contents of one sequence", (
        _FIVE, Step(("l5-twist",), ("store.forked",)), Step(("d45-twist",), ("store.forked",)),
        Step(("d56-twist",), ("store.forked",)), Step(("l6-twist",), ("store.forked",)),
        Step(("l6-twist", "l6"), ("store.forked",)), Step(("l5-stranger-twist", "l6")))),
    ("gap", "增量不衔接", "a delta that continues nothing", (
        Step(("d12",), ("store.delta_gap",)), _FIVE, Step(("d67",), ("store.delta_gap",)),
        Step(("d56", "d67")))),
    ("unsigned", "无人签名的略过", "what nobody signed is passed over", (
        _FIVE, Step(("l6-stranger",)), Step(("page", "cut", "b3-few", "r3-few")),
        Step(("l6-stranger", "d56", "page")))),
    ("minimum", "低于最小期号", "below the minimum sequence", (
        _FIVE, Step(("b2-minimum",)), Step(("l5",), ("store.below_minimum",)), Step(("l6",)))),
    ("epoch", "新的纪元", "a new epoch", (
        _FIVE, Step(("l1-epoch",), ("store.epoch_ahead",)),
        Step(("l1-epoch", "d56"), ("store.epoch_ahead",)), Step(("b2-epoch",)),
        Step(("l7",), ("store.below_minimum",)), Step(("l1-epoch", "l7")),
        Step(("b3", "l7"), ("store.rollback",)))),
    ("epoch-forgotten", "列表去而复来，纪元仍不得降低", "a list that comes back keeps its epoch", (
        Step(("b2-epoch", "l1-epoch")), Step(("b3-no-lists",)),
        Step(("b4",), ("store.rollback",)))),
    ("bundles", "信任包后退与分叉", "bundles that go back or fork", (
        Step(("b3", "b2")), Step(("b2",), ("store.rollback",)), Step(("b2", "b3")),
        Step(("b3-early",), ("store.forked",)), Step(("b3-few",)), Step(("b4",)))),
    ("bundle-fork", "一次收到两份同版信任包", "two bundles of one version at once", (
        Step(("b2", "b2-other", "b3"), ("store.forked",)), Step(("b2", "b3", "l1")))),
    ("bundle-early", "信任包签发时间后退", "a bundle that was issued before the one in force", (
        Step(("b3-early",), ("store.rollback",)), Step(("b3-early", "l1"), ("store.rollback",)))),
    ("minimum-not-reached", "声称够高而实际达不到", "more is claimed than can be reached", (
        Step(("b2-minimum", "l5", "d67"), ("store.below_minimum",)), Step(("l5", "d56")))),
    ("retired", "退役密钥倒签的列表", "lists that a retired key backdates", (
        Step(("l-far-backdated", "b2-retired", "l6-other-key"), ("store.list_backwards",)),
        Step(("l6-backdated", "l7-other-key"), ("store.list_backwards",)),
        Step(("l7-backdated",), ("store.list_backwards",)),
        Step(("l5", "l5-backdated", "l7-other-key")))),
    ("retired-held", "已有列表之后的倒签", "backdated beside the held list", (
        Step(("l5",)), Step(("b2-retired", "l6-other-key")),
        Step(("l-far-backdated",), ("store.list_backwards",)),
        Step(("l-far-backdated", "l7-other-key"), ("store.list_backwards",)))),
    ("retired-shadow", "退役密钥倒签内容相同的一份", "a retired key backdates the same content", (
        Step(("l6-same-backdated", "b2-retired", "l6-other-key")),
        Step(("l7-same-backdated", "l7-other-key")))),
    ("retired-shortcut", "退役密钥倒签的捷径", "a retired key backdates a shorter way", (
        Step(("b2-retired", "l5-other-key")),
        Step(("d57-same-backdated", "d56-other-key", "d67-other-key")))),
    ("retired-between", "倒签而晚于后一份增量", "backdated, and later than what follows on", (
        Step(("l4-same-backdated", "l4", "b2-retired", "d45-other-key", "d56-other-key")),)),
    ("retired-alone", "退役密钥签的列表在无新者时仍作数", "a retired key alone", (
        Step(("b2-retired", "l4")), Step(("l5",)), Step(("l5-backdated",), ("store.forked",)))),
    ("retired-base", "新列表接在退役密钥所签之后", "what follows on from a retired key's list", (
        Step(("b2-retired", "l5", "d56-other-key")), Step(("l7-other-key",)))),
    ("last-day", "密钥最后一日之后", "after the last day of a key", (
        Step(("l7", "b2-last-day", "l6-today"), ("store.list_backwards",)), Step(("l6-today",)))),
    ("claims-of-a-bundle", "更换根密钥后，自称同版而读不懂的文件",
     "after a change of roots, a file that claims its version and is no bundle", (
        Step(("b3-rotated",)), Step(("b3-claims", "l5", "b4-rotated")))),
    ("former-roots", "换下的根密钥另签一份", "former roots sign another change", (
        Step(("b3-rotated",)), Step(("b3-former",), ("store.forked",)),
        Step(("b3-former", "b4-former", "b4-rotated"), ("store.forked",)))),
    ("branch", "同一组根密钥引向两处", "two ways lead on from one root set", (
        Step(("b2-former", "b3-rotated"), ("store.forked",)),
        Step(("b3-rotated", "b4-former"), ("store.forked",)), Step(("b2", "b3-rotated")))),
    ("captured", "所持信任包之前，同一组根密钥已更换",
     "the roots of the bundle held were changed before it", (
        Step(("b4",)), Step(("b3-rotated", "l1"), ("store.forked",)),
        Step(("b3-rotated", "b5"), ("store.forked",)), Step(("b2", "b3-few")))),
    ("roots-back", "根密钥换出又换回", "roots that come back", (
        Step(("b3-rotated",)), Step(("b4-back",)), Step(("b5",)),
        Step(("b2", "b3-rotated", "b4-back", "b5", "l1")))),
    ("roots", "更换根密钥", "a change of roots", (
        Step(("r2",)), Step(("b4-rotated",)), Step(("b4-rotated", "b3-rotated")),
        Step(("r2",)), Step(("r1-new-roots",), ("store.rollback",)), Step(("r2-new-roots",)),
        Step(("b5",)))),
    ("rescue", "确认清单的编号", "numbers of rescue lists", (
        Step(("r1",)), Step(("r2", "r1")), Step(("r1",), ("store.rollback",)),
        Step(("r2-other",), ("store.forked",)), Step(("r3-few", "r2")))),
    ("taken-back", "让失效的恢复有效", "a final state is taken back", (
        _FIVE, Step(("l6-lifted",), ("store.state_taken_back",)),
        Step(("l6-suspended",), ("store.state_taken_back",)),
        Step(("d56-lifted",), ("store.state_taken_back",)),
        Step(("l-far", "d56"), ("store.state_taken_back",)))),
    ("backwards", "签发时间后退或涵盖变小", "issued earlier, or covers less", (
        _FIVE, Step(("l7-early",), ("store.list_backwards",)),
        Step(("l7-fewer",), ("store.list_backwards",)), Step(("l7",)))),
    ("future", "签发于将来", "made in the future", (
        _FIVE, Step(("l7-future",)), Step(("l7-future", "d56")), Step(("l7-soon",)))),
    ("clock", "时钟后退", "the clock goes back", (
        Step(("l1",), at_s=AT_S + 400), Step(("l2",), ("store.clock_behind",), AT_S + 99),
        Step(("l2",), at_s=AT_S + 100))),
    ("islands", "机关互不影响", "authorities are islands", (
        Step(("b3", "other-b3", "l5", "other-l2")),
        Step(("b4", "other-b2", "l6", "other-l1"), ("store.rollback", "store.rollback")),
        Step(("b2", "other-l2", "l7"), ("store.rollback",)))),
    ("lists", "列表互不影响", "lists are islands", (
        Step(("l5", "l1-list-2")), Step(("l4", "l2-list-2", "b2"), ("store.rollback",)),
        Step(("b2-one-list", "l6"), ("store.forked",)))),
    ("no-evidence", "读不懂或签名不足的信任包", "bundles that are no evidence", (
        Step(("b2", "l5")), Step(("b2-unread",)), Step(("b2-not-own",)), Step(("b3-not-own",)),
        Step(("b1-few",)), Step(("b2-few", "b1"), ()))),
    ("older-unsigned", "更旧的信任包签名不足", "older bundles that are not signed enough", (
        Step(("b3",)), Step(("b2-few",)), Step(("b2-few", "b1")))),
    ("given-up", "因最小期号放弃之后", "after a list was given up", (
        _FIVE, Step(("b2-minimum",)), Step(("b3",)), Step(("l5",)))),
    ("minimum-held", "所持恰为最小期号", "the list held is just the minimum", (
        Step(("l6",)), Step(("b2-minimum",)))),
    ("key-gone", "签列表的密钥不再列出", "the key of the held list is no longer named", (
        _FIVE, Step(("b2-another-key",)), Step(("l5",)), Step(("l6-other-key",)))),
    ("rescue-given-up", "确认清单放弃之后", "after a rescue list was given up", (
        Step(("r2", "s1")), Step(("b2",)), Step(("b3-rotated",)), Step(("b4-rotated",)))),
    ("rescue-keys", "各密钥的确认清单互不影响", "rescue lists of two keys", (
        Step(("r1-few", "r2", "s1")), Step(("r1", "r2-other"), ("store.forked",)),
        Step(("r2-other", "s3"), ("store.forked",)))),
    ("broken-list", "内容不符的列表", "lists that are signed and broken", (
        Step(("l5-broken",)), _FIVE, Step(("l5-broken",)), Step(("l6-broken",)),
        Step(("l6-broken", "d56")))),
    ("stranger-epoch", "外人的新纪元", "a stranger's new epoch", (
        _FIVE, Step(("l1-epoch-stranger",)))),
    ("future-first", "第一份就签发于将来", "the first list is made in the future", (
        Step(("l7-future",)), _FIVE, Step(("d56-future",)), Step(("d56",)))),
    ("last-of-two", "两份增量中后一份收回状态", "the second of two deltas takes back a state", (
        _FIVE, Step(("d56", "d67-lifted"), ("store.state_taken_back",)))),
    ("theft", "列表密钥失窃之后", "after the theft of a list key", (
        Step(("l-far-void",)), Step(("l5",), ("store.rollback",)),
        Step(("b2-stolen", "l-far-void", "l1-epoch", "l5")),
        Step(("l1-epoch-new", "l-far", "l1-epoch")))),
    ("two-changes", "同一版本两次更换根密钥", "two changes of roots of one version", (
        Step(("b3-rotated", "b3-former"), ("store.forked",)),
        Step(("b3-former", "b3-rotated"), ("store.forked",)), Step(("b3-rotated",)))),
    ("turned", "更换根密钥六十四次", "64 changes of roots", (
        Step(tuple(f"turned-{n}" for n in range(2, 65))),
        Step(("turned-65",), ("store.too_many_roots",)),
        Step(("left-65-by-64",), ("store.too_many_roots",)))),
    ("turned-no-more", "更换根密钥六十二次，此后不换", "62 changes of roots, and no more", (
        Step(tuple(f"turned-{n}" for n in range(2, 64))),
        Step(("left-64-by-63",)), Step(("left-65-by-63",)))),
    ("first-fork", "首份信任包的另一内容", "another content of the first bundle", (
        Step(("b1-other",), ("store.forked",)), Step(("b2",)))),
    ("fork-stops", "分叉之后的信任包不采纳", "no bundle counts after a fork", (
        Step(("b2",)), Step(("b2-other", "b3"), ("store.forked",)), Step(("b3",)))),
    ("strangers", "外人自签的信任包", "bundles that strangers sign alone", (
        Step(("b3",)), Step(("b3-stranger",)), Step(("b4-stranger-early",)),
        Step(("b4-early",), ("store.rollback",)))),
    ("strangers-rotated", "更换根密钥之后外人自签的信任包",
     "bundles that strangers sign after a change of roots", (
        Step(("b3-rotated",)), Step(("b3-stranger",)), Step(("b3-former-not-own",)),
        Step(("b4-rotated",)))),
    ("branch-not-own", "自己的根密钥没有签", "a branch that its own roots did not sign", (
        Step(("b3-rotated", "b4-old-not-own")),)),
    ("same-second", "同一秒签发的下一版", "the next version, issued in the same second", (
        Step(("b2-as-b1",)),)),
    ("comes-back", "列表去而复来", "a list that comes back in its epoch", (
        _FIVE, Step(("b3-no-lists",)), Step(("b4",)), Step(("l5",)))),
    ("new-list", "新增的列表", "a list that is new", (Step(("b2-list-3",)),)),
    ("minimum-delta", "只有低于最小期号的增量", "a delta below the minimum alone", (
        Step(("b2-minimum",)), Step(("d12",), ("store.below_minimum",)))),
    ("retired-just", "退役的那一秒另有列表", "a list of the very second of the retirement", (
        Step(("b2-retired-at-6", "l6-other-key", "l-far-backdated"), ("store.list_backwards",)),)),
    ("retired-delta", "退役之后的增量", "a delta from after the retirement", (
        Step(("b2-retired", "l5", "d56-other-key", "l-far-backdated"),
             ("store.list_backwards",)),)),
    ("retired-before", "退役之前的增量", "a delta from before the retirement", (
        Step(("b2-retired", "l5", "d34-other-key")),)),
    ("outlived-first", "同一内容由退役密钥和新密钥各签一份",
     "one content by a key that signs no more and by another", (
        Step(("b2-retired", "l5", "l5-today")),)),
    ("outlived-last", "同上，次序颠倒", "the same in another order", (
        Step(("l5-today", "l5", "b2-retired")),)),
    ("outlived-broken", "新密钥签的列表内容不符", "a broken list by the other key", (
        Step(("b2-retired", "l6-broken-other-key", "l5"), ("store.list_backwards",)),)),
    ("day-end", "密钥最后一日一过", "just after the last day of a key", (
        Step(("b2-last-day", "l7", "l6-at-end"), ("store.list_backwards",)),)),
    ("day-not-over", "密钥最后一日的最后一秒", "the last second of the last day of a key", (
        Step(("b2-last-day", "l7", "l6-before-end")),)),
    ("resumed", "暂停后恢复", "what was suspended is valid again", (
        Step(("l5-suspended",)), Step(("l6-resumed",)))),
    ("old-full", "旧全量之后的增量", "a delta behind an older full list", (
        Step(("l1", "d12", "d23")), Step(("l2", "d24"), ("store.delta_gap",)))),
    ("fork-early", "同一期号的另一内容，签发更早",
     "another content of one sequence, issued earlier", (
        Step(("l4", "d45")), Step(("l5-twist-early",), ("store.forked",)))),
    ("given-up-older", "放弃之后的更旧全量", "an older full list after the list was given up", (
        _FIVE, Step(("b2-minimum",)), Step(("b3",)), Step(("l4", "d46"), ("store.delta_gap",)))),
    ("fewest-full", "全量一份胜过两份", "one full list rather than a delta", (
        Step(("l4",)), Step(("d45", "l5")))),
    ("fewest", "文件最少者为准", "the fewest files", (
        Step(("l1", "d12", "d23")), Step(("d36", "l4", "d46")))),
    ("fewest-by-one", "少一份也算", "fewer by one", (
        Step(("l2", "d23")), Step(("d36", "l4", "d46")))),
    ("last-issued", "同样多的文件，以后签发者为准", "of as few files the last issued", (
        Step(("l5", "l5-later")),)),
    ("last-issued-first", "同上，次序颠倒", "the same in another order", (
        Step(("l5-later", "l5")),)),
    ("broken-delta", "结果不符的增量", "a delta of another result", (
        _FIVE, Step(("d56-broken",)), Step(("d56",)))),
    ("files-64", "一份全量加六十三份增量", "one full list and 63 deltas", (
        Step(("m1", *(f"m{n}{n + 1}" for n in range(1, 64)))),
        Step(("m6465",), ("store.delta_gap",)))),
    ("not-in-form", "签了名而形式不对的文件", "files that are signed and not in form", (
        _FIVE,
        *(Step((f"l4-{name}",)) for name in (
            "id-text", "id-true", "epoch-text", "epoch-false", "sequence-text", "coverage-text",
            "coverage-true", "previous-text", "hash-text", "hash-null", "authority-bytes",
            "issued-text", "token-key", "second-form")),
        *(Step((f"d34-{name}",)) for name in (
            "id-true", "epoch-false", "base-0", "base-text", "sequence-text", "before-null",
            "before-text", "before-31", "hash-text", "hash-33", "coverage-text", "issued-text",
            "coverage-minus-1", "form", "log")))),
    ("in-form", "形式对而不再适用的增量", "a delta that is in form and applies no more", (
        _FIVE, Step(("d34-coverage-0",), ("store.rollback",)))),
)  # fmt: skip
