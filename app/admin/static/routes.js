// Which page stands at which address. `path` is also where the navigation leads; `inner` is the page of what lies below.

import { accounts } from "./pages/accounts.js";
import { audit } from "./pages/audit.js";
import { job } from "./pages/job.js";
import { jobs } from "./pages/jobs.js";
import { lanes } from "./pages/lanes.js";
import { overview } from "./pages/overview.js";
import { review } from "./pages/review.js";
import { storyboard, storyboards } from "./pages/storyboards.js";
import { webhooks } from "./pages/webhooks.js";

export const ROUTES = [
  { path: "/admin", label: "Overview", page: overview },
  { path: "/admin/jobs", label: "Jobs", page: jobs, inner: job },
  { path: "/admin/review", label: "Review", page: review },
  { path: "/admin/storyboards", label: "Storyboards", page: storyboards, inner: storyboard },
  { path: "/admin/lanes", label: "Lanes", page: lanes },
  { path: "/admin/accounts", label: "Accounts", page: accounts },
  { path: "/admin/webhooks", label: "Webhooks", page: webhooks },
  { path: "/admin/audit", label: "Audit", page: audit },
];

/** The page of an address, with what stands in the address behind it. */
export function routeOf(pathname) {
  const exact = ROUTES.find((route) => route.path === pathname);
  if (exact) return { ...exact, parameters: null };
  const parent = ROUTES.find((route) => route.inner && pathname.startsWith(`${route.path}/`));
  if (parent) return { ...parent, page: parent.inner, parameters: decodeURIComponent(pathname.slice(parent.path.length + 1)) };
  return ROUTES[0];
}
