// Which page stands at which address. `path` is also where the navigation leads; `inner` is the page of what lies below.

import { audit } from "./pages/audit.js";
import { job } from "./pages/job.js";
import { jobs } from "./pages/jobs.js";
import { overview } from "./pages/overview.js";

export const ROUTES = [
  { path: "/admin", label: "Overview", page: overview },
  { path: "/admin/jobs", label: "Jobs", page: jobs, inner: job },
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
