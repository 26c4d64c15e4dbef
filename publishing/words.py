"""The words of the built pages around the text, with the same keys in both languages."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "back-to-top": "Back to top",
        "chapters": "Chapters",
        "choose": "Choose a language",
        "close": "Close",
        "copied": "Link copied",
        "download-pdf": "Download PDF",
        "home": "Start page",
        "language": "中文",
        "lost": "This page does not exist",
        "lost-hint": "It may have been renamed. Start from the first page:",
        "menu": "Menu",
        "next": "Next",
        "previous": "Previous",
        "search": "Search",
        "search-close": "Close search",
        "search-failed": "Search needs the site to be served over HTTP; it does not work on opened files.",
        "search-hint": "Words may stand anywhere on a page. Press / to search.",
        "search-none": "Nothing found for “{query}”",
        "search-one": "1 page found for “{query}”",
        "search-some": "{count} pages found for “{query}”",
        "section-link": "Link to this section",
        "skip": "Skip to content",
        "status": "State of this review",
        "status-evidence_to": "Evidence up to",
        "status-next_search": "Next search",
        "status-status": "Status",
        "status-version": "Version",
        "status-changes": "What changed",
        "table-scrolls": "Table, scrolls sideways",
        "theme": "Switch between light and dark",
        "toc": "On this page",
    },
    "zh": {
        "back-to-top": "回到顶部",
        "chapters": "章节",
        "choose": "选择语言",
        "close": "关闭",
        "copied": "链接已复制",
        "download-pdf": "下载 PDF",
        "home": "首页",
        "language": "English",
        "lost": "页面不存在",
        "lost-hint": "页面可能已改名，请从首页开始：",
        "menu": "目录",
        "next": "下一章",
        "previous": "上一章",
        "search": "搜索",
        "search-close": "关闭搜索",
        "search-failed": "搜索需要通过 HTTP 访问网站；直接打开文件时无法使用。",
        "search-hint": "多个词可分散在同一页中。按 / 键搜索。",
        "search-none": "没有找到“{query}”",
        "search-one": "“{query}”：找到 1 页",
        "search-some": "“{query}”：找到 {count} 页",
        "section-link": "本节链接",
        "skip": "跳到正文",
        "status": "本评价的状态",
        "status-evidence_to": "证据截至",
        "status-next_search": "下次检索",
        "status-status": "状态",
        "status-version": "版本",
        "status-changes": "更新内容",
        "table-scrolls": "表格，可左右滚动",
        "theme": "切换浅色与深色",
        "toc": "本页内容",
    },
}


def words_for(html_lang: str) -> Mapping[str, str]:
    """The words for a page's language; English for a language without a catalogue."""
    return WORDS.get(html_lang.partition("-")[0], WORDS["en"])
