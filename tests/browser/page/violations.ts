/** What the security policy of this page, or of this worker, has forbidden. */
export const violations: string[] = [];

addEventListener("securitypolicyviolation", (event) => {
  const { violatedDirective, blockedURI } = event as SecurityPolicyViolationEvent;
  violations.push(`${violatedDirective}: ${blockedURI}`);
});
