#!/usr/bin/env Rscript
# Timings of metafor inside R (start-up and loading excluded): Rscript metafor.R DATA_DIR OUT.json LARGEST_K
suppressWarnings(suppressMessages(library(metafor)))
args <- commandArgs(TRUE); dir <- args[1]; out <- args[2]; largest <- as.numeric(args[3])
rd <- function(n) read.csv(file.path(dir, n), header = FALSE)
res <- list()
tm <- function(id, expr, reps = 3, warm = TRUE) {
  f <- substitute(expr); env <- parent.frame(); if (warm) eval(f, env); gc(FALSE)
  t <- vapply(seq_len(reps), function(i) system.time(eval(f, env), gcFirst = FALSE)[["elapsed"]], 0)
  res[[id]] <<- min(t)
}
one <- function(m, k) rma.uni(big$yi[1:k], big$vi[1:k], method = m)

b <- rd("bcg.csv"); names(b) <- c("yi", "vi")
tm("reml_k13", for (i in 1:1000) rma.uni(b$yi, b$vi, method = "REML"))
tm("reml_hksj_k13", for (i in 1:1000) rma.uni(b$yi, b$vi, method = "REML", test = "knha"))

h <- rd("k100.csv"); names(h) <- c("yi", "vi"); x <- rma.uni(h$yi, h$vi, method = "REML")
tm("leave_one_out_k100", leave1out(x)); tm("influence_k100", influence(x)); tm("cumulative_k100", cumul(x))

s <- rd("k30.csv"); names(s) <- c("yi", "vi"); I <- as.matrix(rd("resamples.csv"))
tm("bootstrap_1000_k30", for (i in seq_len(nrow(I)))
  try(suppressWarnings(rma.uni(s$yi[I[i, ]], s$vi[I[i, ]], method = "REML")), silent = TRUE), warm = FALSE)
x <- rma.uni(s$yi, s$vi, method = "DL")
tm("gosh_10000_k30", gosh(x, subsets = 10000, progbar = FALSE), warm = FALSE)

big <- rd("k10000.csv"); names(big) <- c("yi", "vi")
for (k in c(500, 1000, 2000, 5000, 10000)) if (k <= largest) {
  tm(paste0("EE_k", k), one("EE", k), reps = 1); tm(paste0("DL_k", k), one("DL", k), reps = 1)
  if (k <= 2000) tm(paste0("REML_k", k), one("REML", k), reps = 1)
}
info <- list(R = R.version.string, metafor = as.character(packageVersion("metafor")))
writeLines(jsonlite::toJSON(list(info = info, seconds = res), auto_unbox = TRUE, digits = NA), out)
