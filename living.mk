# What the workflows run beyond check, test and site; included by the Makefile.
# Nothing here puts an untrusted text into a shell: names come from the runner's own variables, quoted.
BASE ?= HEAD^1
WORK := _build

.PHONY: changes summary search-due release-files lint-workflows

# What the working tree changes against BASE. / 与 BASE 相比的变化。
changes: setup
	@rm -rf $(WORK)/base && mkdir -p $(WORK)/base
	@git archive "$(BASE)" data | tar -x -C $(WORK)/base
	@$(BIN)/python -m analysis diff $(WORK)/base data --markdown

# The findings and the changes, for the summary of a pull request. / 拉取请求摘要：检查结果与变化。
summary: setup
	@rm -rf $(WORK)/base $(WORK)/summary && mkdir -p $(WORK)/base
	@git archive "$(BASE)" data | tar -x -C $(WORK)/base
	@$(BIN)/python -m analysis summary $(WORK)/base/data $(WORK)/summary/summary.md
	@if [ -n "$$GITHUB_STEP_SUMMARY" ]; then cat $(WORK)/summary/summary.md >> "$$GITHUB_STEP_SUMMARY"; fi

# The text of a reminder when a search is due, none when none is. / 应检索时生成提醒。
search-due: setup
	@$(BIN)/python -m analysis status --reminder $(WORK)/search/due.md
	@if [ -n "$$GITHUB_OUTPUT" ]; then \
	  if [ -e $(WORK)/search/due.md ]; then echo "due=true"; else echo "due=false"; fi >> "$$GITHUB_OUTPUT"; \
	fi

# Everything that a release offers; GITHUB_REF_NAME is its tag. / 发布所附的全部文件。
release-files: setup
	@rm -rf $(WORK)/release && mkdir -p $(WORK)/release/files
	@$(BIN)/python -m analysis notes "$$GITHUB_REF_NAME" > $(WORK)/release/notes.md
	@cp _site/*/*.pdf $(WORK)/release/files/
	@cp _site/en/results.json CITATION.cff $(WORK)/release/files/
	@git archive --format=zip --output $(WORK)/release/files/data-package.zip HEAD data
	@$(BIN)/python -m analysis results $(WORK)/results.json
	@$(BIN)/python -m publishing reproduce $(WORK)/release/files/reproduce.zip

lint-workflows: setup-test
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/zizmor --offline --quiet --persona pedantic .github
