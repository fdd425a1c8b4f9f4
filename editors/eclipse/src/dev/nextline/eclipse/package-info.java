/** What Eclipse shows of the agent. */
package dev.nextline.eclipse;
