# The work of BenchmarkClusterBootstrap (internal/evidence/bench_test.go) in base R, to set
# beside it; what it does is told in evidence-speed.py. Prints the seconds of five rounds and
# the peak memory, of the process where the system tells (Linux), else of R's own objects.

rows <- 100000L; workers <- 500L; draws <- 10000L; block <- 500L
set.seed(1)
i <- seq_len(rows) - 1L
worker <- i %% workers; period <- (i %/% workers) %% 2L
value <- 30 * exp(0.35 * rnorm(workers))[worker + 1L] * exp(0.6 * rnorm(rows)) *
  ifelse(worker %% 2L == 1L & period == 1L, 0.8, 1)

spread <- function(x, n) {
  v <- matrix(x[sample.int(length(x), n * length(x), replace = TRUE)], nrow = length(x))
  m <- colMeans(v)
  list(mean = m, square = (colSums(v * v) - length(x) * m * m) / (length(x) * (length(x) - 1)))
}

analyse <- function() {
  cell <- worker * 2L + period + 1L
  mean <- rowsum(value, cell)[, 1] / tabulate(cell, 2L * workers)
  change <- mean[c(FALSE, TRUE)] - mean[c(TRUE, FALSE)]
  x <- change[c(FALSE, TRUE)]; y <- change[c(TRUE, FALSE)]
  x0 <- mean(x); y0 <- mean(y); effect <- x0 - y0
  se <- sqrt(var(x) / length(x) + var(y) / length(y))
  theta <- t <- numeric(draws)
  for (k in seq(0L, draws - block, block)) {
    a <- spread(x - x0, block); b <- spread(y - y0, block); at <- k + seq_len(block)
    theta[at] <- effect + a$mean - b$mean
    t[at] <- (a$mean - b$mean) / sqrt(a$square + b$square)
  }
  lx <- (x - x0) / length(x); ly <- -(y - y0) / length(y)
  acc <- (sum(lx^3) + sum(ly^3)) / (6 * (sum(lx^2) + sum(ly^2))^1.5)
  z0 <- qnorm(mean(theta < effect)); z <- z0 + qnorm(c(0.025, 0.975))
  bca <- quantile(theta, pnorm(z0 + z / (1 - acc * z)), type = 6)
  c(effect, effect - se * quantile(t, c(0.975, 0.025), type = 6), bca)
}

seconds <- numeric(5)
for (round in 1:5) seconds[round] <- system.time(found <- analyse())[["elapsed"]]
status <- "/proc/self/status"
peak <- if (file.exists(status)) {
  as.numeric(gsub("[^0-9]", "", grep("^VmHWM", readLines(status), value = TRUE))) / 1024
} else {
  sum(gc()[, 6])
}
cat(sprintf("%s: effect %.3f, %.3f to %.3f\n", R.version.string, found[1], found[2], found[3]))
cat(sprintf("seconds %s least %.3f, peak %.0f MiB\n", paste(sprintf("%.3f", seconds), collapse = " "), min(seconds), peak))
