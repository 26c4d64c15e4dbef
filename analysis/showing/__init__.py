"""What stands behind `analysis.show`: the session, the blocks of Markdown, the inline texts."""
