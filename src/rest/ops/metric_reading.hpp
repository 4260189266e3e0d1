#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "core/metric_figures.hpp"

namespace headwater::rest {

/// What a dashboard draws, out of everything that was counted.
[[nodiscard]] MetricFigures figures_of(const std::vector<prometheus::MetricFamily>& families);

}  // namespace headwater::rest
