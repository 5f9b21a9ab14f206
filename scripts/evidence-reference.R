# The part of scripts/evidence-reference that is done by R: which columns of its public
# data sets are used, and its figures for them. Numbers go in and out as hexadecimal
# floating point, for R does not read every 17-digit decimal to the nearest double.
# Committed figures: R 4.2.2.

hex <- function(x) paste(sprintf("%a", as.double(x)), collapse = " ")
args <- commandArgs(trailingOnly = TRUE)

# ---- the public data sets -------------------------------------------------------------

public <- function(path) {
  out <- file(path, "w")
  put <- function(name, source, columns) {
    writeLines(paste("set", name, source, sep = "\t"), out)
    for (k in names(columns)) {
      v <- as.double(columns[[k]])
      stopifnot(all(is.finite(v)))
      writeLines(paste("column", k, hex(v), sep = "\t"), out)
    }
  }
  by <- function(value, group) {
    parts <- split(value, group, drop = TRUE)
    parts <- lapply(parts, function(v) v[!is.na(v)])
    names(parts) <- gsub("[^A-Za-z0-9]+", "_", names(parts))
    parts
  }
  number <- function(f) as.integer(factor(f))
  R <- function(text) paste("R, datasets:", text)

  put("sleep", R("sleep. Cushny & Peebles (1905), Journal of Physiology 32: 501-510; Student (1908), Biometrika 6(1): 1-25"),
      by(sleep$extra, paste0("drug", sleep$group)))
  put("toothgrowth", R("ToothGrowth. Crampton (1947), Journal of Nutrition 33(5): 491-504"),
      c(by(ToothGrowth$len, ToothGrowth$supp),
        list(len = ToothGrowth$len, dose = ToothGrowth$dose, juice = ToothGrowth$supp == "OJ")))
  put("plantgrowth", R("PlantGrowth. Dobson (1983), An Introduction to Statistical Modelling, table 7.1"),
      by(PlantGrowth$weight, PlantGrowth$group))
  put("insectsprays", R("InsectSprays. Beall (1942), Biometrika 32(3-4): 243-262"),
      by(InsectSprays$count, InsectSprays$spray))
  put("chickwts", R("chickwts. Anonymous (1948), Biometrika 35: 214; McNeil (1977), Interactive Data Analysis"),
      by(chickwts$weight, chickwts$feed))
  put("warpbreaks", R("warpbreaks. Tippett (1950), Technological Applications of Statistics, p. 106"),
      c(by(warpbreaks$breaks, warpbreaks$wool), by(warpbreaks$breaks, warpbreaks$tension)))
  whole <- airquality[complete.cases(airquality), ]
  put("airquality", R("airquality. Chambers, Cleveland, Kleiner & Tukey (1983), Graphical Methods for Data Analysis"),
      c(by(airquality$Ozone, month.abb[airquality$Month]), as.list(whole)))
  put("women", R("women. McNeil (1977), Interactive Data Analysis; The World Almanac and Book of Facts (1975)"), as.list(women))
  put("cars", R("cars. Ezekiel (1930), Methods of Correlation Analysis"), as.list(cars))
  put("mtcars", R("mtcars. Henderson & Velleman (1981), Biometrics 37: 391-411"),
      c(by(mtcars$mpg, ifelse(mtcars$am == 1, "manual", "automatic")), as.list(mtcars)))
  put("swiss", R("swiss. Mosteller & Tukey (1977), Data Analysis and Regression, pp. 549-551"), as.list(swiss))
  put("longley", R("longley. Longley (1967), Journal of the American Statistical Association 62(319): 819-841"), as.list(longley))
  put("stackloss", R("stackloss. Brownlee (1960), Statistical Theory and Methodology in Science and Engineering, pp. 491-500"), as.list(stackloss))
  put("lifecyclesavings", R("LifeCycleSavings. Belsley, Kuh & Welsch (1980), Regression Diagnostics"), as.list(LifeCycleSavings))
  put("nile", R("Nile. Cobb (1978), Biometrika 65(2): 243-251"),
      list(flow = Nile, year = as.integer(time(Nile)), early = window(Nile, end = 1898), late = window(Nile, start = 1899)))
  put("ukgas", R("UKgas. Durbin & Koopman (2001), Time Series Analysis by State Space Methods"), list(gas = UKgas))
  belts <- as.data.frame(Seatbelts)
  put("seatbelts", R("Seatbelts. Harvey & Durbin (1986), Journal of the Royal Statistical Society A 149(3): 187-227"),
      list(front = belts$front, rear = belts$rear, kms = belts$kms, petrol = belts$PetrolPrice, law = belts$law,
           before = belts$front[belts$law == 0], after = belts$front[belts$law == 1]))
  # Tables: one row of each is a b c d.
  cell <- function(t) as.vector(t)
  put("ucbadmissions", R("UCBAdmissions. Bickel, Hammel & O'Connell (1975), Science 187: 398-403"),
      setNames(lapply(1:6, function(k) cell(UCBAdmissions[, , k])), paste0("dept", LETTERS[1:6])) |>
        c(list(all = cell(apply(UCBAdmissions, 1:2, sum)))))
  agetable <- function(data, row, yes, no) lapply(split(data, data[[row]]), function(d) c(sum(d[[yes]]), sum(d[[no]])))
  ages <- agetable(esoph, "agegp", "ncases", "ncontrols")
  # Each age group against the next.
  ages <- setNames(lapply(1:5, function(k) unname(unlist(ages[k + 0:1]))), paste0("age", 1:5))
  put("esoph", R("esoph. Breslow & Day (1980), Statistical Methods in Cancer Research, vol. 1"), ages)
  put("infert", R("infert. Trichopoulos et al. (1976), British Journal of Obstetrics and Gynaecology 83: 645-650"),
      list(induced = cell(table(infert$case, infert$induced > 0)), spontaneous = cell(table(infert$case, infert$spontaneous > 0)),
           age = infert$age, parity = infert$parity, case = infert$case, aborted = infert$spontaneous, stratum = infert$stratum))
  put("haireyecolor", R("HairEyeColor. Snee (1974), The American Statistician 28: 9-12"),
      list(blond = cell(apply(HairEyeColor, 3:1, sum)[, "Blue", ][, c("Blond", "Black")]),
           red = cell(apply(HairEyeColor, 3:1, sum)[, "Green", ][, c("Red", "Brown")])))
  put("titanic", R("Titanic. Dawson (1995), Journal of Statistics Education 3(3)"),
      list(sex = cell(apply(Titanic, c(2, 4), sum)), age = cell(apply(Titanic, c(3, 4), sum)),
           crew = cell(apply(Titanic, c(1, 4), sum)[c("3rd", "Crew"), ])))
  put("quakes", R("quakes. Harvard PRIM-H project, after Dr John Woodhouse"),
      list(mag = quakes$mag, depth = quakes$depth, stations = quakes$stations))
  put("faithful", R("faithful. Azzalini & Bowman (1990), Applied Statistics 39(3): 357-365"), as.list(faithful))
  put("iris", R("iris. Anderson (1935), Bulletin of the American Iris Society 59: 2-5; Fisher (1936), Annals of Eugenics 7(2): 179-188"),
      c(by(iris$Sepal.Length, iris$Species), list(petal = iris$Petal.Length, sepal = iris$Sepal.Length, width = iris$Sepal.Width)))
  put("precip", R("precip. McNeil (1977); Statistical Abstracts of the United States (1975)"), list(inches = precip))
  put("rivers", R("rivers. World Almanac and Book of Facts (1975), p. 406"), list(miles = rivers))
  put("orange", R("Orange. Draper & Smith (1998), Applied Regression Analysis, exercise 24.N"),
      list(age = Orange$age, circumference = Orange$circumference, tree = number(as.character(Orange$Tree))))
  put("co2", R("CO2. Potvin, Lechowicz & Tardif (1990), Ecology 71(4): 1389-1400"),
      c(by(CO2$uptake, CO2$Type), list(uptake = CO2$uptake, conc = CO2$conc, quebec = CO2$Type == "Quebec",
        chilled = CO2$Treatment == "chilled", plant = number(as.character(CO2$Plant)))))
  put("chickweight", R("ChickWeight. Crowder & Hand (1990), Analysis of Repeated Measures, example 5.3"),
      list(weight = ChickWeight$weight, time = ChickWeight$Time, diet3 = ChickWeight$Diet == 3,
           chick = number(as.character(ChickWeight$Chick))))
  put("attitude", R("attitude. Chatterjee & Price (1977), Regression Analysis by Example, section 3.7"), as.list(attitude))
  put("anscombe", R("anscombe. Anscombe (1973), The American Statistician 27(1): 17-21"), as.list(anscombe))
  put("morley", R("morley. Michelson (1882); Weekes (1986), A Genstat Primer"), by(morley$Speed, paste0("expt", morley$Expt)))
  put("trees", R("trees. Meyer (1953), Forest Mensuration; Ryan, Joiner & Ryan (1976), The Minitab Student Handbook"), as.list(trees))
  put("lakehuron", R("LakeHuron. Brockwell & Davis (1991), Time Series and Forecasting Methods"),
      list(level = LakeHuron, year = as.integer(time(LakeHuron))))
  put("lynx", R("lynx. Elton & Nicholson (1942); Campbell & Walker (1977)"),
      list(early = head(lynx, 57), late = tail(lynx, 57)))
  put("loblolly", R("Loblolly. Kung (1986), Proceedings of the Statistical Computing Section, American Statistical Association"),
      list(height = Loblolly$height, age = Loblolly$age, seed = number(as.character(Loblolly$Seed))))
  put("attenu", R("attenu. Joyner & Boore (1981), Bulletin of the Seismological Society of America 71: 2011-2038"),
      list(accel = attenu$accel, dist = attenu$dist, mag = attenu$mag, event = attenu$event))
  put("usarrests", R("USArrests. McNeil (1977); World Almanac and Book of Facts (1975)"), as.list(USArrests))
  put("discoveries", R("discoveries. World Almanac and Book of Facts (1975), pp. 315-318"), list(n = discoveries))
  close(out)
}

# ---- the figures ----------------------------------------------------------------------

trimmedParts <- function(x, share) { # Yuen (1974), written from the paper
  x <- sort(x); n <- length(x); g <- floor(share * n + 1e-9)
  w <- pmin(pmax(x, x[g + 1]), x[n - g])
  list(mean = mean(x[(g + 1):(n - g)]), h = n - 2 * g, d = (n - 1) * var(w) / ((n - 2 * g) * (n - 2 * g - 1)))
}
tInterval <- function(effect, se, df, conf)
  c(effect = effect, low = effect - qt(1 - (1 - conf) / 2, df) * se, high = effect + qt(1 - (1 - conf) / 2, df) * se,
    se = se, df = df, p = 2 * pt(-abs(effect / se), df))
fromTest <- function(t, effect)
  c(effect = effect, low = t$conf.int[1], high = t$conf.int[2], se = t$stderr, df = unname(t$parameter), p = t$p.value)

figures <- list(
  welch = function(a) with(a, { t <- t.test(x, y, conf.level = conf); fromTest(t, t$estimate[[1]] - t$estimate[[2]]) }),
  # A two-sample test of x and 0 would not do for one: the mean itself is the figure.
  student = function(a) with(a, { t <- t.test(x, conf.level = conf); fromTest(t, t$estimate[[1]]) }),
  paired = function(a) with(a, { t <- t.test(x, y, paired = TRUE, conf.level = conf); fromTest(t, t$estimate[[1]]) }),
  log_ratio = function(a) with(a, {
    t <- t.test(log(x), log(y), conf.level = conf)
    c(effect = exp(t$estimate[[1]] - t$estimate[[2]]), low = exp(t$conf.int[1]), high = exp(t$conf.int[2]),
      se = t$stderr, df = unname(t$parameter), p = t$p.value)
  }),
  yuen = function(a) with(a, {
    u <- trimmedParts(x, share); v <- trimmedParts(y, share)
    df <- (u$d + v$d)^2 / (u$d^2 / (u$h - 1) + v$d^2 / (v$h - 1))
    tInterval(u$mean - v$mean, sqrt(u$d + v$d), df, conf)
  }),
  yuen_one = function(a) with(a, { u <- trimmedParts(x, share); tInterval(u$mean, sqrt(u$d), u$h - 1, conf) }),
  trimmed_mean = function(a) with(a, c(effect = mean(x, trim = share))),
  hedges_g = function(a) with(a, {
    df <- length(x) + length(y) - 2
    sd <- sqrt(((length(x) - 1) * var(x) + (length(y) - 1) * var(y)) / df)
    c(effect = exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2) * (mean(x) - mean(y)) / sd)
  }),
  wilson = function(a) with(a, {
    t <- prop.test(count, n, correct = FALSE, conf.level = conf)
    c(effect = unname(t$estimate), low = t$conf.int[1], high = t$conf.int[2])
  }),
  fisher = function(a) with(a, c(p = fisher.test(matrix(table, 2, byrow = TRUE))$p.value)),
  bh = function(a) { q <- p.adjust(a$x, "BH"); setNames(q, paste0("q", seq_along(q))) },
  quantile = function(a) with(a, c(effect = unname(quantile(x, at, type = 7)))),
  sample_ratio = function(a) with(a, {
    t <- chisq.test(table, p = c(1 - share, share))
    c(statistic = unname(t$statistic), p = t$p.value)
  }),
  mann_whitney_exact = function(a) with(a, { t <- wilcox.test(x, y, exact = TRUE); c(u = unname(t$statistic), p = t$p.value) }),
  mann_whitney_normal = function(a) with(a, {
    t <- wilcox.test(x, y, exact = FALSE, correct = TRUE)
    c(u = unname(t$statistic), p = t$p.value)
  }),
  shift_exact = function(a) with(a, {
    t <- wilcox.test(x, y, exact = TRUE, conf.int = TRUE, conf.level = conf)
    c(effect = unname(t$estimate), low = t$conf.int[1], high = t$conf.int[2], p = t$p.value)
  }),
  shift_estimate = function(a) with(a, c(effect = median(outer(x, y, "-")))),
  signed_rank_exact = function(a) with(a, {
    t <- wilcox.test(x, exact = TRUE, conf.int = TRUE, conf.level = conf)
    c(effect = unname(t$estimate), low = t$conf.int[1], high = t$conf.int[2], p = t$p.value)
  }),
  signed_rank_normal = function(a) with(a, {
    m <- outer(x, x, "+") / 2
    c(effect = median(m[lower.tri(m, diag = TRUE)]), p = wilcox.test(x, exact = FALSE, correct = TRUE)$p.value)
  }),
  ols = function(a) {
    x <- do.call(cbind, a[grep("^x[0-9]+$", names(a))]); fit <- lm.fit(x, a$y)
    setNames(fit$coefficients, paste0("b", seq_len(ncol(x)) - 1))
  },
  hc3 = function(a) with(a, {
    X <- do.call(cbind, a[grep("^x[0-9]+$", names(a))]); fit <- lm.fit(X, y, tol = 1e-14)
    q <- qr(X, tol = 1e-14); pull <- qr.Q(q) %*% backsolve(qr.R(q), c[q$pivot], transpose = TRUE)
    h <- rowSums(qr.Q(q)^2)
    c(effect = sum(c * fit$coefficients), se = sqrt(sum((pull * fit$residuals / (1 - h))^2)))
  }),
  cv3 = function(a) with(a, {
    X <- do.call(cbind, a[grep("^x[0-9]+$", names(a))])
    beta <- function(keep) sum(c * lm.fit(X[keep, , drop = FALSE], y[keep], tol = 1e-14)$coefficients)
    all <- beta(rep(TRUE, length(y))); groups <- unique(cluster); g <- length(groups)
    out <- sapply(groups, function(k) beta(cluster != k))
    tInterval(all, sqrt((g - 1) / g * sum((out - all)^2)), g - 1, conf)
  }),
  power_two_arm = function(a) with(a, {
    deff <- 1 + (m - 1) * icc; se <- sd * sqrt(deff * (1 / n0 + 1 / n1)); df <- (n0 + n1) / m - 2
    c(mde = se * (qt(1 - (1 - conf) / 2, df) + qt(power, df)))
  }),
  power_paired = function(a) with(a, {
    deff <- 1 + (m - 1) * icc; se <- sd * sqrt(2 * (1 - r) * deff / n1); df <- n1 / m - 1
    c(mde = se * (qt(1 - (1 - conf) / 2, df) + qt(power, df)))
  }),
  power_share = function(a) with(a, {
    deff <- 1 + (m - 1) * icc; n0 <- n0 / deff; n1 <- n1 / deff; way <- if (base > 0.5) -1 else 1
    f <- function(d) {
      other <- base + way * d; pool <- (n0 * base + n1 * other) / (n0 + n1)
      d - qnorm(1 - (1 - conf) / 2) * sqrt(pool * (1 - pool) * (1 / n0 + 1 / n1)) -
        qnorm(power) * sqrt(base * (1 - base) / n0 + other * (1 - other) / n1)
    }
    c(mde = uniroot(f, c(0, max(base, 1 - base)), tol = 1e-15)$root)
  }),
  # The non-central t, which Bloom's formula stands in for.
  power_exact = function(a) with(a, c(mde = power.t.test(n = n0, sd = sd, sig.level = 1 - conf, power = power)$delta))
)

run <- function(from, to) {
  out <- file(to, "w")
  for (line in readLines(from)) {
    fields <- strsplit(line, "\t", fixed = TRUE)[[1]]
    a <- list()
    for (f in fields[-(1:2)]) {
      at <- regexpr("=", f, fixed = TRUE)
      a[[substr(f, 1, at - 1)]] <- as.double(strsplit(substring(f, at + 1), " ", fixed = TRUE)[[1]])
    }
    v <- suppressWarnings(figures[[fields[2]]](a))
    writeLines(paste(c(fields[1], paste0(names(v), "=", sprintf("%a", v))), collapse = "\t"), out)
  }
  close(out)
}

if (args[1] == "sets") public(args[2]) else run(args[2], args[3])
