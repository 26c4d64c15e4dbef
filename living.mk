# What the workflows run beyond check, test and site; included by the Makefile.
# Nothing here puts an untrusted text into a shell: names come from the runner's own variables, quoted.
BASE ?= HEAD^1
WORK := _build

.PHONY: changes summary search-due version release-files lint-workflows

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

# A new version as a patch, with its number and what it changes; REASON_EN and REASON_ZH are optional.
# 以补丁形式生成新版本，附版本号与变更说明；理由可不填。
version: setup
	@rm -rf $(WORK)/version && mkdir -p $(WORK)/version
	@$(BIN)/python -m analysis release $${REASON_EN:+"--reason=$$REASON_EN"} $${REASON_ZH:+"--reason-zh=$$REASON_ZH"} \
	  > $(WORK)/version/told.md
	@git add --intent-to-add data CITATION.cff
	@git diff --binary -- data CITATION.cff > $(WORK)/version/version.patch
	@sed -n 's/^version: *//p' CITATION.cff > $(WORK)/version/name.txt
	@if [ -n "$$GITHUB_STEP_SUMMARY" ]; then cat $(WORK)/version/told.md >> "$$GITHUB_STEP_SUMMARY"; fi

# Everything that a release offers; GITHUB_REF_NAME is its tag. / 发布所附的全部文件。
release-files: setup
	@rm -rf $(WORK)/release && mkdir -p $(WORK)/release/files
	@$(BIN)/python -m analysis notes "$$GITHUB_REF_NAME" > $(WORK)/release/notes.md
	@cp _site/*/*.pdf $(WORK)/release/files/
	@cp _site/en/results.json CITATION.cff $(WORK)/release/files/
	@cp _site/en/data-package.zip _site/en/reproduce.zip $(WORK)/release/files/

lint-workflows: setup-test
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/zizmor --offline --quiet --persona pedantic .github
