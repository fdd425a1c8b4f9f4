/** The agent as an editor sees it, without a word of Eclipse: process, JSON-RPC, documents, ghost text. */
package dev.nextline.core;
